"""`adopt --file`: new services for the workloads in manifests, by the project's own program. Asks no cluster."""

import codecs
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.text import one_line
from cutover.errors import UsageError

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result

_FOLLOWING = (
    "these of them find pods or Services by app.kubernetes.io/instance, version or managed-by, which new ones have "
    "with other values (instance: the service's name); change their selectors: {}"
)
_LONGEST = 2000  # characters of a line of names
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
    from cutover.stackfile.lock import held

    python = needed_python(run.view.project)
    made = entries_of(python, run.view.project, _read(file), strategy=strategy, container=container)
    if why := made.get("unreadable"):
        raise UsageError(f"{_called(file)} is not YAML: {one_line(why)}", "render templates first: helm template …")
    services: dict[str, Any] = made["services"]
    refused = [*_refused(made["refused"]), *_left(made)]
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
    run.note(
        **{key: made[key] for key in ("services", "lost", "refused", "unpinned", "left", "following") if key in made}
    )
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


def _refused(refused: dict[str, list[str]]) -> Iterator[str]:
    """Each problem of a workload in its lines: where, then what, why and fix."""
    for name, problems in refused.items():
        for problem in problems:
            first, *rest = problem.splitlines()
            yield f"{name} is refused: {one_line(first)}"
            yield from (f"    {one_line(line)}" for line in rest)


def _left(made: dict[str, Any]) -> Iterator[str]:
    """The objects that no service holds, and those of them that would not find the new pods."""
    if left := made.get("left"):
        yield f"no service holds these, apply them as before: {one_line('; '.join(left), _LONGEST)}"
    if following := made.get("following"):
        yield _FOLLOWING.format(one_line(", ".join(following), _LONGEST))


def _called(file: str) -> str:
    return "what is on the standard input" if file == "-" else file


def _read(file: str) -> str:
    """The text of the manifests, as UTF-8 or as PowerShell writes it. Raises UsageError."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", "name a file of manifests, or `-`") from None
    except UnicodeDecodeError:
        raise UsageError(
            f"{_called(file)} is no text in UTF-8 or UTF-16", "name a file of manifests in YAML, or `-`"
        ) from None
