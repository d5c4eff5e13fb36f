"""`promote`: releases that wait get the traffic, or fronts move; under load and watched where that is asked."""

from typing import TYPE_CHECKING

from cutover.errors import UsageError
from cutover.operations.bake.bake import rehearse
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.choice import services as chosen
from cutover.operations.command.job import Job
from cutover.operations.promote.fronts import move, promotable
from cutover.operations.promote.promotable import waiting
from cutover.operations.promote.promotion import cut_over, what_moves
from cutover.operations.up.missing import with_live_services
from cutover.output.result import Result

if TYPE_CHECKING:
    from cutover.operations.bake.load import UnderLoad


def promote(
    job: Job,
    names: list[str],
    everyone: bool,
    asked: BakeOptions | None,
    traffic: "UnderLoad | None",
    *,
    again: bool,
) -> Result:
    """The result of a cutover, or of fronts that moved. `asked` is the bake, `traffic` the load; `again` lets a release
    be promoted that was left before. Raises UsageError, GateRefused, BakeFailed, BakeBlind and what `change` does.
    """
    if targets := promotable(job.view, names):
        if asked:
            units = " ".join(targets)
            fix = f"leave it out; `cutover rollback {units}` goes back"
            raise UsageError("--bake watches a cutover between colors", fix)
        return move(job, "promote", targets, traffic)
    services = chosen(job.view, names, everyone=everyone)
    status = with_live_services(job, [service.name for service in services])
    targets, idle_lines = waiting(services, status, again=again)
    before = {name: status[name].live_color for name in targets}
    job.note(before=before, switched=targets)
    if not targets:
        return Result("promote", job.stack, 0, False, tuple(idle_lines) or ("no release waits; nothing to do",))
    job.confirm(f"switch {what_moves(job, targets)}")
    for line in idle_lines:
        job.report.say(line)

    if asked:
        rehearse(job, before, asked)

    def work() -> Result:
        return cut_over(job, targets, asked, traffic, idle_lines)

    return traffic.run(job, work) if traffic else work()
