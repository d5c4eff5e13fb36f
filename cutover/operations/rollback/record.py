"""A rollback as an edit of the stack's file, carried out by the engine: what goes to which color and release."""

from typing import TYPE_CHECKING, Any

from contract.releases import other

if TYPE_CHECKING:
    from cutover.operations.command.job import Job
    from cutover.output.result import Result


def to_text(job: "Job", targets: dict[str, str], releases: dict[str, dict[str, Any]]) -> str:
    """What goes where, in words."""
    from cutover.strategies.releases import describe

    parts = []
    for name in {**targets, **releases}:
        slot = targets.get(name, "release")
        service = job.view.services[name]
        there = service.colors.get(slot) if service.blue_green else None
        release = releases.get(name, {}).get(slot) or there
        parts.append(f"{name} to {slot + ' ' if service.blue_green else ''}{describe(release)}")
    return ", ".join(parts)


def to_colors(job: "Job", targets: dict[str, str], releases: dict[str, dict[str, Any]], verb: str) -> "Result":
    """Edit the file, let the engine carry it out, and note what was left. `verb` begins the message of the update.

    `targets` are colors by service, `releases` what has to be written on a slot first. Raises as `change` does.
    """
    from cutover.operations.traffic.notes import note
    from cutover.operations.up.change import change
    from cutover.output.result import Result

    views = job.view.services
    wanted: dict[tuple[str, ...], Any] = {views[name].active_path: color for name, color in targets.items()}
    wanted |= {views[name].slot_path(slot): new for name, slots in releases.items() for slot, new in slots.items()}
    said = to_text(job, targets, releases)
    change(job, wanted, targets, f"{verb}{said}")
    left = {name: other(color) for name, color in targets.items() if job.before.get(name) not in (None, color)}
    note(job, "rolled back", left, left, job.options.message or "")
    return Result("rollback", job.stack, 0, True, (f"rolled back {said}",), details=job.details)
