"""The state of a service in one of Argo's four words, with the reason. Pure.

`degraded`: it will not get well by waiting. `progressing`: not yet, or not any more, as the config says. `paused`: a
release waits to be promoted. `healthy`: as the config says, all wanted pods ready.
"""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cutover.observe.records import ServiceStatus

State = Literal["healthy", "progressing", "paused", "degraded"]


def state_of(service: "ServiceStatus") -> tuple[State, str]:
    """The word, and why; the reason of `healthy` is empty."""
    if bad := _degraded(service):
        return "degraded", bad
    if service.differences:
        first, more = service.differences[0], len(service.differences) - 1
        return "progressing", f"{first}" + (f" (and {more} more)" if more else "")
    if not service.healthy:
        return "progressing", _under_way(service)
    if service.preview:
        return "paused", f"{service.preview.release} on {service.preview.color} waits to be promoted"
    if (live := service.live) and live.staying and live.serving:
        return "paused", f"pods below number {live.staying} stay on the release before (partition)"
    return "healthy", ""


def _degraded(service: "ServiceStatus") -> str:
    if service.lost:
        return service.lost
    for color in service.colors.values():
        if color.stuck:
            return f"{color.color} {color.release}: {color.stuck}"
    live = service.live
    if live and live.wanted and not live.ready and not live.serving:
        return f"no pod of {live.color} {live.release}, which takes the traffic, is ready"
    if service.route and service.route.broken:
        return f"route {service.route.name}: {service.route.broken}"
    for color in service.colors.values():
        if failed := next((job for job in color.jobs if job.state == "failed"), None):
            return f"{color.color} {color.release}: the {failed.setting} Job failed" + (
                f": {failed.reason}" if failed.reason else ""
            )
    if (refused := service.refusal) and refused.bad:
        release = next((c.release for c in service.colors.values() if c.revision == refused.revision), refused.revision)
        return f"{release} on {refused.color} {refused}"
    return ""


def _under_way(service: "ServiceStatus") -> str:
    for color in sorted(service.colors.values(), key=lambda color: color.ready >= color.wanted):
        if color.serving:
            return f"{color.release} comes with {color.ready} of {color.wanted} pods; {', '.join(color.serving)} serves"
        if not color.all_ready:
            reasons = sorted({pod.reason for pod in color.pods if pod.reason})
            said = f" ({', '.join(reasons)})" if reasons else ""
            return f"{color.color} {color.release}: {color.ready} of {color.wanted} pods ready{said}"
    return "the rollout is under way"
