"""`adopt`: take over a Deployment and a Service that are live: write them into the stack's file. Changes no object."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.adopt.entry import Entry
    from cutover.adopt.findings import Finding
    from cutover.operations.command.job import Job
    from cutover.output.result import Result


@shared_options(changes=True)
def adopt(
    options: Options,
    name: Annotated[str | None, typer.Argument(help="Name of the service: that of the live Service.")] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file",
            "-f",
            help="Manifests (`-`: standard input): a new service for each workload in them.",
        ),
    ] = None,
    deployment: Annotated[str | None, typer.Option(help="The Deployment; NAME unless given.")] = None,
    service: Annotated[str | None, typer.Option(help="The Service; NAME, and no other.")] = None,
    strategy: Annotated[Literal["blue-green", "rolling"], typer.Option(help="Kind of service.")] = "blue-green",
    color: Annotated[Literal["blue", "green"], typer.Option(help="The color it becomes.")] = "blue",
    version: Annotated[str | None, typer.Option(help="Version that runs; the image's tag unless given.")] = None,
    build: Annotated[int, typer.Option(min=0, help="Number of the build that runs.")] = 0,
    readiness: Annotated[str | None, typer.Option(help="Path that says when a new pod may get traffic.")] = None,
    container: Annotated[
        str | None, typer.Option(help="The container that serves, where the ports of the pods do not tell.")
    ] = None,
    pin: Annotated[
        bool | None,
        typer.Option(
            "--pin/--no-pin",
            help="Name the image by the digest that the pods run: so unless --no-pin. With --file the registry is "
            "asked, and only with --pin.",
        ),
    ] = None,
) -> None:
    """Write a live Deployment and Service into the stack's file, for `up` to import. No object is changed.

    With --file it reads manifests in place of the cluster, which it does not ask: what it writes are services of their
    own, for a cluster where their objects are not yet.

    Example: cutover adopt web --deployment web --service web
    """
    from cutover.errors import UsageError
    from cutover.operations.command.perform import perform

    if (name is None) == (file is None):
        raise UsageError("say what to adopt: the name of a live Service, or manifests", "cutover adopt web, or -f FILE")
    if file is not None:
        from cutover.operations.adopt.from_manifests import take

        perform("adopt", options, lambda job: take(job, file, strategy, container=container, pin=bool(pin)))
        return
    assert name is not None  # noqa: S101 - one of the two is given
    if (service or name) != name:
        raise UsageError(
            f"the service would be called {name!r} and its Service {service!r}: the two are one name",
            f"cutover adopt {service} --deployment {deployment or name}",
        )
    asked = {"strategy": strategy, "color": color, "version": version, "build": build, "readiness": readiness}
    perform("adopt", options, lambda job: _run(job, name, deployment or name, container, pin is not False, asked))


def _run(job: "Job", name: str, deployment: str, container: str | None, pin: bool, asked: dict[str, Any]) -> "Result":
    from cutover.adopt.entry import AdoptOptions, make_entry
    from cutover.adopt.findings import findings
    from cutover.adopt.found import find
    from cutover.adopt.pin import image_to_write, version_to_write
    from cutover.doctor.program import entries_of, needed_python
    from cutover.errors import GateRefused, UsageError
    from cutover.observe.connection import Api
    from cutover.observe.kubeconfig import access_of
    from cutover.output.result import Result

    if name in job.view.services:
        raise UsageError(f"{job.file.path.name} has a service {name!r} already", "`cutover up` brings it up")
    with Api(access_of(job.view)) as api:
        found = find(api, job.view.namespace, deployment, name, container)
    image, of_image = image_to_write(found, pin=pin)
    said = [*findings(found), *of_image]
    job.details["findings"] = [one.to_json() for one in said]
    if refusals := [str(one) for one in said if one.refuses]:
        raise GateRefused("\n".join([f"{name} cannot be adopted; nothing was changed", *refusals]))
    version = asked["version"] or version_to_write(found, image)
    python = needed_python(job.view.project)
    entry = make_entry(
        found,
        AdoptOptions(**{**asked, "version": version, "image": image}),
        lambda objects: entries_of(
            python, job.view.project, objects, blue_green=False, container=found.container["name"]
        ),
    )
    imports = [
        {"type": f"kubernetes:{kind}", "name": own, "id": f"{found.namespace}/{own}"}
        for kind, own in (("apps/v1:Deployment", deployment), ("core/v1:Service", name))
    ]
    job.details |= {"service": name, "imports": imports, "settings": entry.settings, "lost": entry.lost}
    job.confirm(f"write the service {name} into {job.file.path.name}, to adopt the Deployment {deployment}")
    _write(job, name, entry)
    return Result("adopt", job.stack, 0, True, tuple(_words(job, name, imports, entry, said)), details=job.details)


def _write(job: "Job", name: str, entry: "Entry") -> None:
    """Put the entry into the file, and take it out again where the program would refuse it. Raises UsageError."""
    from cutover.doctor.program import check_config, find_python
    from cutover.errors import UsageError
    from cutover.operations.up.change import commit
    from cutover.operations.up.commit import check_repository
    from cutover.stackfile import SERVICES
    from cutover.stackfile.file import held

    with held(job.file.path):
        if job.options.commit:
            check_repository(job.file.path)
        # As a block, also where the file has an empty `{}` so far.
        job.file.set({(SERVICES, name): entry.settings} if job.view.services else {(SERVICES,): {name: entry.settings}})
        python, _ = find_python(job.view.project)
        checked = check_config(python, job.view)
        if checked.good is False:
            job.file.restore()
            raise UsageError(
                f"what is live makes no valid configuration; {job.file.path.name} is as it was\n{checked.said}",
                "change the Deployment in that way first (a rollout of its own), or write the service by hand",
            )
        commit(job, f"adopt {name}")


def _words(job: "Job", name: str, imports: list[dict[str, str]], entry: "Entry", said: "list[Finding]") -> "list[str]":
    lines = [f"wrote the service {name} into {job.file.path.name}; no object was changed"]
    lines += [f"  `up` will import {one['type']} {one['name']} (id {one['id']})" for one in imports]
    release = entry.settings.get("release") or entry.settings[entry.settings["active"]]
    lines.append(f"  the release that runs is {release['version']}, {release['image']}")
    lines += [f"warning: {one}" for one in said]
    if entry.lost:
        lines += ["a new release will not have (put it into the config where it can hold it):"]
        lines += [f"  {line}" for line in entry.lost]
    after = "cutover release NAME --version … --build … --image …, then cutover promote NAME".replace("NAME", name)
    if entry.settings["strategy"] == "rolling":
        after = f"cutover release {name} --roll-out --version … --build … --image …"
    return [*lines, f"next: cutover up; then {after}"]
