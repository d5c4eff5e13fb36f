"""The truth after a run that ended badly: what takes the traffic by the cluster, and the error's words held to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.codes import CLAIM
from cutover.engine.records import SERVICE
from cutover.errors import DriverError, GateRefused, unexpected

if TYPE_CHECKING:
    from cutover.operations.command.run import Run


@dataclass(frozen=True)
class Truth:
    """Service -> color that takes its traffic. Where it is not `proved`, the cluster gave no answer, and this is only
    what the engine's events tell. `shown` are the services to be spoken of, `moved` whether any traffic did.
    """

    live: Mapping[str, str | None]
    proved: bool
    shown: tuple[str, ...]
    moved: bool

    def said(self) -> str:
        """The truth for people: `shop: blue is live`."""
        if self.proved:
            return ", ".join(f"{name}: {self.live.get(name) or 'nothing'} is live" for name in self.shown)
        told = ", ".join(f"{name} on {self.live.get(name) or 'nothing'}" for name in self.shown)
        return f"what is live is not known; by what the engine told, {told}" if told else ""

    def told(self, error: DriverError, switching: Mapping[str, str], more: str) -> DriverError:
        """The error with what is so, and without what it says of traffic and is not. Once everything was switched, it
        is no refusal of a gate any more.
        """
        what = error.what
        if self.moved or not self.proved:
            what = "\n".join(filter(None, (without_claim(line) for line in what.splitlines())))
        what = f"{what}\n{more}" if more else what
        if isinstance(error, GateRefused) and switching and all(self.live.get(s) == c for s, c in switching.items()):
            return DriverError(
                f"{what}\nthe traffic has moved, and the run that had to follow did not end well",
                error.fix or "`cutover up` carries it to its end once the cause is gone",
            )
        error.what = what
        return error


def read_truth(run: "Run", switching: Mapping[str, str], text: str) -> Truth:
    """The live colors now, of the services that are switched, else of those that the text of the error names.

    Where the cluster gives no answer, a switch that began and has no end counts as done: to say the new color is the
    guess whose mistake the next run mends through its gates.
    """
    two = list(run.view.switching)
    shown = tuple(switching) or tuple(name for name in two if name in text)
    before = dict(run.before)
    if not shown and CLAIM not in text:
        return Truth({}, True, (), moved=False)
    try:
        live = {name: seen.live_color for name, seen in run.live().items()}
    except Exception as error:  # whatever it is, it must not keep the file from being settled
        run.report.say(f"the cluster cannot be asked what is live: {unexpected(error).what}", "warning")
        return Truth(_by_events(run, before, switching), False, shown, moved=bool(run.moved))
    run.note(live={name: live.get(name) for name in shown})
    moved = any(live.get(name) != color for name, color in before.items()) or not (before.keys() >= set(shown))
    return Truth(live, True, shown, moved)


def _by_events(run: "Run", before: Mapping[str, str | None], switching: Mapping[str, str]) -> dict[str, str | None]:
    begun: dict[str, bool] = {}
    for step in run.steps:
        if step.type == SERVICE and step.op in ("create", "update") and step.name in switching:
            begun[step.name] = step.moment != "failed"
    return {**before, **run.moved, **{name: color for name, color in switching.items() if begun.get(name)}}


def without_claim(line: str) -> str:
    """A line without what it says of traffic; empty where it says nothing else."""
    return line.replace(f": {CLAIM}.", ".") if CLAIM in line else line
