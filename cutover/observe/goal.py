"""The goals of `status --until`, and why one is not reached yet. Pure."""

from collections.abc import Iterator, Mapping
from typing import Literal

from cutover.observe.records import ServiceStatus

Goal = Literal["healthy", "paused"]
"""`healthy`: everything as the config has it, all wanted pods ready. `paused`: that, and a preview to be promoted."""


def why_not(goal: Goal, services: Mapping[str, ServiceStatus]) -> str | None:
    """Why the goal is not reached, in one line; None when it is."""
    reasons = [reason for service in services.values() for reason in _wrong(service)]
    if reasons:
        return "; ".join(reasons)
    if goal == "paused" and not any(service.preview for service in services.values()):
        return "no release waits to be promoted"
    return None


def summary(service: ServiceStatus) -> str:
    """A service in one line: `storefront: paused; blue live 2/2, green preview 2/2`."""
    colors = ", ".join(
        f"{color.color} {color.role} {color.ready}/{color.wanted}{_why(color.pods)}"
        for color in service.colors.values()
        if color.role != "absent"
    )
    colors += f", route {service.route.name}: {service.route}" if service.route else ""
    colors += f", canary {service.canary}" if service.canary else ""
    bad = f" ({service.reason})" if service.state == "degraded" else ""
    return f"{service.name}: {service.state}{bad}" + (f"; {colors}" if colors else "")


def degraded(services: Mapping[str, ServiceStatus]) -> str | None:
    """Why waiting does not help; None where it may."""
    bad = [f"{service.name}: {service.reason}" for service in services.values() if service.state == "degraded"]
    return "; ".join(bad) or None


def _wrong(service: ServiceStatus) -> Iterator[str]:
    yield from service.drift
    for color in service.colors.values():
        if not color.all_ready:
            yield f"{service.name} {color.color}: {color.ready} of {color.wanted} pods ready{_why(color.pods)}"
    if not service.completed and not service.differences:
        yield f"{service.name}: the rollout is under way"


def _why(pods: object) -> str:
    reasons = sorted({pod.reason for pod in pods if pod.reason}) if isinstance(pods, tuple) else []
    return f" ({', '.join(reasons)})" if reasons else ""
