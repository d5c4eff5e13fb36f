"""The releases that wait to be promoted, and why a service has none."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from contract.releases import other, runs_release
from cutover.errors import GateRefused, UsageError
from cutover.stackfile import ServiceView
from cutover.strategies.releases import describe

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


def waiting(
    services: Iterable[ServiceView], status: "Mapping[str, ServiceStatus]", *, again: bool = False
) -> tuple[dict[str, str], list[str]]:
    """Service -> color to switch to, and a line for each service with nothing to do. Raises UsageError, GateRefused.

    A release waits on the color that does not take the traffic unless it had it before: then it is the standby, and
    going there is a rollback. One that was left by a rollback, or by a bake that failed (of a canary, too), is refused
    unless `again`: a pipeline that runs once more must not pass for a release. Where one member of a group has one, all
    members move.
    """
    services = list(services)
    targets: dict[str, str] = {}
    lines: list[str] = []
    for service in services:
        seen = status[service.name]
        if seen.live_color is None:
            raise UsageError(f"{service.name} is not deployed yet", "`cutover up` deploys it, with its active color")
        idle = other(seen.live_color)
        release, there = service.colors.get(idle), seen.colors.get(idle)
        settled = there is not None and there.role == "standby" and there.release == describe(release)
        if service.active == idle and release:
            targets[service.name] = idle  # said by the file, not yet done
        elif not seen.completed and seen.live_color == service.active:
            targets[service.name] = seen.live_color  # done but for its end
        elif release and there and seen.left == there and there.release == describe(release):
            if not again:
                raise left_behind(seen)
            targets[service.name] = idle
        elif not release or settled:
            lines.append(f"{service.name}: {seen.live_color} is already live; nothing to do")
        else:
            targets[service.name] = idle
    groups: dict[str, str] = {}
    for service in services:
        if service.group and (to := targets.get(service.name)) and groups.get(service.group) in (None, service.active):
            groups[service.group] = to  # of a split one it is that of the release that waits, not that of the file
    targets |= {service.name: groups[service.group] for service in services if service.group in groups}
    return targets, [line for line in lines if line.partition(":")[0] not in targets]


def left_behind(seen: "ServiceStatus") -> GateRefused:
    """The refusal to pass over a release that had the traffic, or a share of it, and lost it: what is live, what was
    left, when, why.
    """
    live, left = seen.live, seen.left
    at = f" at {seen.since:%Y-%m-%dT%H:%M:%SZ}" if seen.since else ""
    how = str(seen.refusal) if seen.refusal else f"took the traffic before, and was left{at}"
    if left and not seen.refusal and not any(runs_release(left.revision, one) for one in seen.served):
        how = f"is older than the last change of what the live Service selects{at}, so it may have had the traffic"
    serving = f"{live.color} is live with {live.release}" if live else "nothing is live"
    waits = f"{left.release} on {left.color}" if left else "the other release"
    return GateRefused(
        f"{seen.name}: {serving}; {waits} {how}",
        f"`cutover promote {seen.name} --again` sends it the traffic all the same; a mended release takes its place "
        f"with `cutover release {seen.name}` and a build of its own",
    )
