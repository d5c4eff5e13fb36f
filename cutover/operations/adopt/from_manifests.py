"""`adopt --file`: new services for the workloads in manifests, by the project's own program. Asks no cluster."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.text import one_line, yaml_fault
from cutover.errors import UsageError

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result

_UNKNOWN = (
    "image {}: nothing here says what it is today, so {} stands in its place, which no node can pull; adopt with "
    "--pin, which asks the registry, or write the digest that is to run"
)


def take(run: "Run", file: str, strategy: str, *, container: str | None = None, pin: bool = False) -> "Result":
    """Write a service for each Deployment and StatefulSet into the stack's file. `container` is the name of the one
    that serves, where no port tells; with `pin` the registries are asked what the images are. Raises UsageError.
    """
    from cutover.doctor.program import check_config, entries_of, needed_python
    from cutover.operations.up.change import commit
    from cutover.output.result import Result
    from cutover.stackfile import SERVICES
    from cutover.stackfile.file import held

    python = needed_python(run.view.project)
    made = entries_of(python, run.view.project, _read(file), strategy=strategy, container=container)
    services: dict[str, Any] = made["services"]
    refused = [f"{name} is refused: {one_line(line)}" for name, lines in made["refused"].items() for line in lines]
    if not services:
        raise UsageError(
            "\n".join(["no workload was written", *refused]), "give it manifests with a Deployment or StatefulSet"
        )
    if there := sorted(services.keys() & run.view.services.keys()):
        raise UsageError(f"{run.file.path.name} has {', '.join(there)} already", "take them out of the manifests")
    for name, settings in services.items():
        moves = made["unpinned"].get(name)
        if not (pin and _pin(run, settings, moves)) and moves:
            made["lost"][name].insert(0, _UNKNOWN.format(moves, (settings.get("release") or settings["blue"])["image"]))
    run.note(**{key: made[key] for key in ("services", "lost", "refused", "unpinned") if key in made})
    run.confirm(f"write {', '.join(services)} into {run.file.path.name}")
    with held(run.file.path):
        wanted: dict[tuple[str, ...], Any] = {(SERVICES,): services}
        if run.view.services:
            wanted = {(SERVICES, name): one for name, one in services.items()}
        run.file.set(wanted)
        checked = check_config(python, run.view)
        if checked.good is False:
            run.file.restore()
            raise UsageError(f"{run.file.path.name} is as it was\n{checked.said}", "mend what is said, then again")
        commit(run, f"adopt {', '.join(services)}")
    lines = [f"wrote {name} into {run.file.path.name}" for name in services] + refused
    for name, lost in made["lost"].items():
        lines += [f"{name}, to look at before `up`:", *(f"  {one_line(line)}" for line in lost)] if lost else []
    return Result(
        "adopt", run.stack, 0, True, (*lines, "next: cutover manifests, cutover plan, cutover up"), details=run.details
    )


def _pin(run: "Run", settings: dict[str, Any], moves: str | None) -> bool:
    """Name a service's image by what its registry says; False where none answers. `moves` is the image as the manifest
    has it, where that says not what it is.
    """
    from contract.images import MOVING, by_digest, digest_in, parts_of, version_in
    from cutover.operations.release.pin import pinned

    release = settings.get("release") or settings[settings["active"]]
    image = moves or release["image"]
    asked = image if any(parts_of(image)[1:]) else f"{image}:{MOVING}"
    if digest := digest_in(pinned(run, asked)):
        release["image"] = by_digest(image, digest)
        release["version"] = version_in(release["image"])
    return bool(digest)


def _read(file: str) -> list[Any]:
    import yaml

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return list(yaml.load_all(text, Loader=loader))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "name a file of manifests, or `-`") from None
    except yaml.YAMLError as error:
        raise UsageError(
            f"{file} is not YAML: {yaml_fault(error)}", "render templates first: helm template …"
        ) from None
