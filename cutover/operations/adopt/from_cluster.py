"""`adopt NAME`: a live Deployment and Service are written into the stack's file, for `up` to import."""

from typing import Any

from contract.strategies import ROLLING
from cutover.adopt.entry import AdoptOptions, Entry, make_entry
from cutover.adopt.findings import Finding, findings
from cutover.adopt.found import find
from cutover.adopt.pin import image_to_write, version_to_write
from cutover.doctor.program import check_config, entries_of, find_python, needed_python
from cutover.errors import GateRefused, UsageError
from cutover.observe.connection import Api
from cutover.observe.kubeconfig import access_of
from cutover.operations.command.run import Run
from cutover.operations.up.change import commit
from cutover.operations.up.commit import check_repository
from cutover.output.result import Result
from cutover.stackfile import SERVICES
from cutover.stackfile.lock import held
from cutover.strategies.registry import switches


def adopt(run: Run, name: str, deployment: str, container: str | None, pin: bool, asked: dict[str, Any]) -> Result:
    """The result: what `up` will import, and what a new release will not have. `asked` are the fields of AdoptOptions
    that the command line gives. Raises UsageError, GateRefused with all that forbids it, ClusterUnreachable.
    """
    if name in run.view.services:
        raise UsageError(f"{run.file.path.name} has a service {name!r} already", "`cutover up` brings it up")
    with Api(access_of(run.view)) as api:
        found = find(api, run.view.namespace, deployment, name, container)
    image, of_image = image_to_write(found, pin=pin)
    said = [*findings(found), *of_image]
    run.note(findings=[one.to_json() for one in said])
    if refusals := [str(one) for one in said if one.refuses]:
        raise GateRefused("\n".join([f"{name} cannot be adopted; nothing was changed", *refusals]))
    version = asked["version"] or version_to_write(found, image)
    python = needed_python(run.view.project)
    entry = make_entry(
        found,
        AdoptOptions(**{**asked, "version": version, "image": image}),
        lambda objects: entries_of(
            python, run.view.project, objects, strategy=ROLLING, container=found.container["name"]
        ),
    )
    imports = [
        {"type": f"kubernetes:{kind}", "name": own, "id": f"{found.namespace}/{own}"}
        for kind, own in (("apps/v1:Deployment", deployment), ("core/v1:Service", name))
    ]
    run.note(service=name, imports=imports, settings=entry.settings, lost=entry.lost)
    run.confirm(f"write the service {name} into {run.file.path.name}, to adopt the Deployment {deployment}")
    _write(run, name, entry)
    return Result("adopt", run.stack, 0, True, tuple(_words(run, name, imports, entry, said)), details=run.details)


def _write(run: Run, name: str, entry: Entry) -> None:
    """Put the entry into the file, and take it out again where the program would refuse it. Raises UsageError."""
    with held(run.file.path):
        if run.options.commit:
            check_repository(run.file.path)
        # As a block, also where the file has an empty `{}` so far.
        run.file.set({(SERVICES, name): entry.settings} if run.view.services else {(SERVICES,): {name: entry.settings}})
        python, _ = find_python(run.view.project)
        checked = check_config(python, run.view)
        if checked.good is False:
            run.file.restore()
            raise UsageError(
                f"what is live makes no valid configuration; {run.file.path.name} is as it was\n{checked.said}",
                "change the Deployment in that way first (a rollout of its own), or write the service by hand",
            )
        commit(run, f"adopt {name}")


def _words(run: Run, name: str, imports: list[dict[str, str]], entry: Entry, said: list[Finding]) -> list[str]:
    lines = [f"wrote the service {name} into {run.file.path.name}; no object was changed"]
    lines += [f"  `up` will import {one['type']} {one['name']} (id {one['id']})" for one in imports]
    release = entry.settings.get("release") or entry.settings[entry.settings["active"]]
    lines.append(f"  the release that runs is {release['version']}, {release['image']}")
    lines += [f"warning: {one}" for one in said]
    if entry.lost:
        lines += ["a new release will not have (put it into the config where it can hold it):"]
        lines += [f"  {line}" for line in entry.lost]
    after = "cutover release NAME --version … --build … --image …, then cutover promote NAME".replace("NAME", name)
    if not switches(entry.settings["strategy"]):
        after = f"cutover release {name} --roll-out --version … --build … --image …"
    return [*lines, f"next: cutover up; then {after}"]
