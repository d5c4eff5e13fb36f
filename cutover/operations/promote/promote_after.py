"""The promotion that belongs to a release: right after it is ready, or some time later."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from contract.codes import STAYS
from cutover.errors import GateRefused, Interrupted
from cutover.operations.bake.bake import rehearse
from cutover.operations.bake.bake_options import BakeOptions, Problem, refuse
from cutover.operations.command.run import Run
from cutover.operations.promote.promotable import waiting
from cutover.operations.promote.promotion import cut_over
from cutover.operations.up.missing import with_live_services
from cutover.output.result import Result
from cutover.stackfile import ServiceView
from cutover.strategies.releases import Release, describe

POLL_SECONDS = 0.5
INTERVAL_SECONDS = 1.0  # between two looks of a bake, as in `promote`


@dataclass(frozen=True)
class PromoteOptions:
    """The options of that promotion; `after_seconds` and `bake_seconds` are 0 where none is given."""

    wanted: bool
    after_seconds: float
    bake_seconds: float

    def check(self, service: ServiceView) -> None:
        """Raises UsageError with all that is wrong, before anything is touched."""
        refuse(list(self._problems(service)))

    @property
    def bake(self) -> BakeOptions | None:
        """The watch after the switch, or the rollout: the live Service is asked by its smoke check's rules."""
        if not self.bake_seconds:
            return None
        return BakeOptions(self.bake_seconds, INTERVAL_SECONDS, True, (), None, (), 0)

    def _problems(self, service: ServiceView) -> Iterator[Problem]:
        if self.wanted:
            yield from service.promotion_problems()
            return
        bake = 0 if service.rolls_out else self.bake_seconds
        for option, given in (("--after", self.after_seconds), ("--bake", bake)):
            if given:
                yield f"{option} is of a promotion, and none is asked for", "add --promote, or leave it out"
        if service.rolls_out and self.bake_seconds and service.worker:
            yield (
                f"--bake has nothing to measure: {service.name} has no port",
                f"leave it out; `cutover rollback {service.name}` goes back",
            )


def promote_after(run: Run, name: str, new: Release, asked: PromoteOptions) -> Result:
    """Wait, then send the traffic to the release that is up now. Raises what a promotion does, Interrupted, and
    GateRefused where that would go back: a pipeline that asks for the release that served before is not green.
    """
    if asked.after_seconds:
        _wait(run, name, asked.after_seconds)
    status = with_live_services(run, [name])
    targets, lines = waiting([run.view.services[name]], status)
    run.note(before={name: status[name].live_color}, switched=targets)
    if not targets:
        live = status[name].live
        if live and live.release != describe(new):
            what = f"{name}: {live.color} is live with {live.release}; {describe(new)} stands by, so this would go back"
            raise GateRefused(f"{what}\n{STAYS}", f"`cutover rollback {name}` goes back to it")
        return Result("release", run.stack, 0, True, tuple(lines), details=run.details)
    if asked.bake:
        rehearse(run, {name: status[name].live_color}, asked.bake)
    return replace(cut_over(run, targets, asked.bake), verb="release")


def _wait(run: Run, name: str, seconds: float) -> None:
    end, at = time.monotonic() + seconds, datetime.now(UTC) + timedelta(seconds=seconds)
    run.report.say(f"{name}: promoting at {at:%H:%M:%SZ}; stop this before, and it stays a preview")
    while (left := end - time.monotonic()) > 0:
        if run.stopping.is_set():
            raise Interrupted(
                f"{name}: stopped before the promotion; the release stays on the idle color, and traffic where it was",
                f"`cutover promote {name}` sends it the traffic, `cutover abort {name}` gives it up",
            )
        run.report.wait(f"{name}: ready, and promoted at {at:%H:%M:%SZ}", seconds)
        time.sleep(min(POLL_SECONDS, left))
    run.report.done_waiting()
