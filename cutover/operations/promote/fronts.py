"""Moving fronts: from one version of a service to another, or all of them from one environment to another.

What moves together is a unit: the front of a side-by-side service by its name, or `environments`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cutover.errors import UsageError
from cutover.stackfile.view import StackView
from cutover.strategies.fronts import FrontView

if TYPE_CHECKING:
    from cutover.operations.bake.load import UnderLoad
    from cutover.operations.command.run import Run
    from cutover.output.result import Result

Targets = Mapping[str, str]
"""Unit -> the key that it is to send to."""


def promotable(view: StackView, names: Sequence[str]) -> dict[str, str]:
    """Unit -> key, for the names of versions (`api-v2`) and environments (`coco-2`). Empty where none is one.

    Raises UsageError where other names are among them, or two of one unit.
    """
    known = {name: (front.unit, key) for front in view.fronts.values() for name, key in front.targets.items()}
    return _all_or_none(names, {name: known[name] for name in names if name in known})


def units(view: StackView, names: Sequence[str]) -> list[str]:
    """The units of the names of fronts (`api`, `environments`). Raises UsageError where other names are among them."""
    known = {front.name: front.unit for front in view.fronts.values()} | {
        front.unit: front.unit for front in view.fronts.values()
    }
    return list(_all_or_none(names, {name: (known[name], known[name]) for name in names if name in known}))


def paths(view: StackView, targets: Targets) -> dict[tuple[str, ...], str]:
    """The values in the file that send the fronts to their targets, by path."""
    return {front.active_path: targets[front.unit] for front in view.fronts.values() if front.unit in targets}


def move(run: "Run", verb: str, targets: Targets, traffic: "UnderLoad | None" = None) -> "Result":
    """Edit `active` of every unit and bring the stack up (under load where asked): gates, switch, verify, drain."""
    from cutover.operations.up.change import change
    from cutover.output.result import Result

    status = run.live()
    settled = [
        unit for unit, key in targets.items() if all(_is_at(status, front, key) for front in _of(run.view, unit))
    ]
    left = {unit: key for unit, key in targets.items() if unit not in settled}
    lines = [f"{unit}: {targets[unit]} is already live; nothing to do" for unit in settled]
    switching = {
        front.name: key for unit, key in left.items() for front in _of(run.view, unit) if key in front.backends
    }
    run.note(before={name: status[name].live_color for name in switching}, switched=switching)
    if not left:
        return Result(verb, run.stack, 0, False, tuple(lines), details=run.details)
    what = ", ".join(f"{unit} to {key}" for unit, key in left.items())
    run.confirm(f"switch {what}")

    def work() -> Result:
        run.report.say(f"switching {what}")
        change(run, paths(run.view, left), switching, f"{verb} {what}")
        sent = [f"{name}: sends to {key}" for name, key in switching.items()]
        return Result(verb, run.stack, 0, True, (*lines, *sent), details=run.details)

    return traffic.run(run, work) if traffic else work()


def back(run: "Run", wanted: Sequence[str]) -> dict[str, str]:
    """Where each unit was before, by the history. Raises UsageError where it was nowhere else that is still there."""
    status = run.live()
    return {
        unit: _before(run, unit, {status[front.name].live_color for front in _of(run.view, unit)}) for unit in wanted
    }


def _before(run: "Run", unit: str, now: set[str | None]) -> str:
    fronts = _of(run.view, unit)
    there = {key for front in fronts for key in front.backends}
    for update in run.history:
        if update.kind == "update" and update.result == "succeeded":
            key = fronts[0].active_in(update.services, update.environments)
            if key in there and key not in now:
                return key
    raise UsageError(
        f"{unit}: no update before had another one active that is still in {run.file.path.name}",
        f"name where to go: `cutover promote <{fronts[0].example}>`",
    )


def _of(view: StackView, unit: str) -> list[FrontView]:
    return [front for front in view.fronts.values() if front.unit == unit]


def _is_at(status: Mapping[str, Any], front: FrontView, key: str) -> bool:
    seen = status[front.name]
    return front.active == key and (seen.live_color == key or key not in front.backends) and seen.completed


def _all_or_none(names: Sequence[str], found: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    strange = [name for name in names if name not in found]
    if found and strange:
        raise UsageError(
            f"{', '.join(found)} and {', '.join(strange)} do not move in one go", "use one command for each"
        )
    targets: dict[str, str] = {}
    for unit, key in found.values():
        if targets.setdefault(unit, key) != key:
            raise UsageError(f"{unit} cannot go to {targets[unit]} and to {key}", "name one of them")
    return targets
