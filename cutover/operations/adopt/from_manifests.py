"""`adopt --file`: new services for the workloads in manifests, by the project's own program. Asks no cluster."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.text import one_line, yaml_fault
from cutover.errors import UsageError

if TYPE_CHECKING:
    from cutover.operations.command.job import Job
    from cutover.output.result import Result


def take(job: "Job", file: str, strategy: str) -> "Result":
    """Write a service for each Deployment and StatefulSet into the stack's file. Raises UsageError."""
    from cutover.doctor.program import check_config, entries_of, needed_python
    from cutover.operations.up.change import commit
    from cutover.output.result import Result
    from cutover.stackfile import SERVICES
    from cutover.stackfile.file import held

    python = needed_python(job.view.project)
    made = entries_of(python, job.view.project, _read(file), strategy=strategy)
    services: dict[str, Any] = made["services"]
    refused = [f"{name} is refused: {one_line(line)}" for name, lines in made["refused"].items() for line in lines]
    if not services:
        raise UsageError(
            "\n".join(["no workload was written", *refused]), "give it manifests with a Deployment or StatefulSet"
        )
    if there := sorted(services.keys() & job.view.services.keys()):
        raise UsageError(f"{job.file.path.name} has {', '.join(there)} already", "take them out of the manifests")
    job.details |= made
    job.confirm(f"write {', '.join(services)} into {job.file.path.name}")
    with held(job.file.path):
        wanted: dict[tuple[str, ...], Any] = {(SERVICES,): services}
        if job.view.services:
            wanted = {(SERVICES, name): one for name, one in services.items()}
        job.file.set(wanted)
        checked = check_config(python, job.view)
        if checked.good is False:
            job.file.restore()
            raise UsageError(f"{job.file.path.name} is as it was\n{checked.said}", "mend what is said, then again")
        commit(job, f"adopt {', '.join(services)}")
    lines = [f"wrote {name} into {job.file.path.name}" for name in services] + refused
    for name, lost in made["lost"].items():
        lines += [f"{name} will not have:", *(f"  {one_line(line)}" for line in lost)] if lost else []
    return Result(
        "adopt", job.stack, 0, True, (*lines, "next: cutover manifests, cutover plan, cutover up"), details=job.details
    )


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
