"""`promote`: releases that wait get the traffic, or fronts move; under load and watched where that is asked."""

from typing import TYPE_CHECKING

from cutover.errors import UsageError
from cutover.operations.bake.bake import rehearse
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.choice import services as chosen
from cutover.operations.command.run import Run
from cutover.operations.promote.fronts import move, promotable
from cutover.operations.promote.promotable import waiting
from cutover.operations.promote.promotion import cut_over, what_moves
from cutover.operations.up.missing import with_live_services
from cutover.output.result import Result

if TYPE_CHECKING:
    from cutover.operations.bake.load import UnderLoad


def promote(
    run: Run,
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
    run.expect_engine()
    if targets := promotable(run.view, names):
        if asked:
            units = " ".join(targets)
            fix = f"leave it out; `cutover rollback {units}` goes back"
            raise UsageError("--bake watches a cutover between colors", fix)
        return move(run, "promote", targets, traffic)
    services = chosen(run.view, names, everyone=everyone)
    status = with_live_services(run, [service.name for service in services])
    targets, idle_lines = waiting(services, status, again=again)
    before = {name: status[name].live_color for name in targets}
    run.note(before=before, switched=targets)
    if not targets:
        return Result("promote", run.stack, 0, False, tuple(idle_lines) or ("no release waits; nothing to do",))
    run.confirm(f"switch {what_moves(run, targets)}")
    for line in idle_lines:
        run.report.say(line)

    if asked:
        rehearse(run, before, asked)

    def work() -> Result:
        return cut_over(run, targets, asked, traffic, idle_lines)

    return traffic.run(run, work) if traffic else work()
