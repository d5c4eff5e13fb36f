"""The colors that a route gives a share and that nobody answers for: their own Service has no ready endpoint. Pure.

A gateway answers such a share with a 503, while the route's conditions are all true and the pods may all be ready
(their Service selects others).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from contract.releases import COLORS, Color, color_service_name
from cutover.observe.endpoints import Readings
from cutover.observe.records import Difference, ServiceStatus
from cutover.observe.shares import percent
from cutover.stackfile.view import StackView


def services_with_a_share(services: Mapping[str, ServiceStatus]) -> list[str]:
    """The colors' own Services that get requests by a route now."""
    return [color_service_name(name, color) for name, seen in services.items() for color, _ in _shares(seen)]


def judge_route_endpoints(
    view: StackView, services: Mapping[str, ServiceStatus], readings: Readings
) -> dict[str, ServiceStatus]:
    """The status of every service, of those with a share that nobody answers with what ends that."""
    return {name: _judged(view, seen, readings) for name, seen in services.items()}


def _judged(view: StackView, seen: ServiceStatus, readings: Readings) -> ServiceStatus:
    silent = [(color, share) for color, share in _shares(seen) if _silent(seen, color, readings)]
    if not silent or seen.route is None:
        return seen
    names = [color_service_name(seen.name, color) for color, _ in silent]
    told = [f"{name}, which gets {percent(share)} of it" for name, (_, share) in zip(names, silent, strict=True)]
    broken = f"no ready endpoint of {' and '.join(told)}: these requests fail"
    found = [_difference(view, seen, color, share) for color, share in silent]
    route = replace(seen.route, silent=tuple(names), broken=broken)
    return replace(seen, route=route, differences=(*seen.differences, *found))


def _shares(seen: ServiceStatus) -> Iterator[tuple[Color, float]]:
    """Each color that a rule gives more than nothing, with the most that one gives."""
    rules = [shares for _, shares in seen.route.shares] if seen.route else []
    most = ((color, max((shares.get(color, 0) for shares in rules), default=0)) for color in COLORS)
    return ((color, share) for color, share in most if share > 0)


def _silent(seen: ServiceStatus, color: Color, readings: Readings) -> bool:
    """Whether none of the color's pods gets new connections. Endpoints that others wrote there are no answer."""
    reading = readings.get(color_service_name(seen.name, color), "")
    there = seen.colors.get(color)
    return not isinstance(reading, str) and not any(pod.name in reading for pod in (there.pods if there else ()))


def _difference(view: StackView, seen: ServiceStatus, color: Color, share: float) -> Difference:
    name, stack, own = seen.name, view.name, color_service_name(seen.name, color)
    there = seen.colors.get(color)
    ways = []
    if color != seen.active_color:
        ways.append(f"`cutover promote {name} --weight 0 --stack {stack}` takes its share back")
    if there and there.ready:  # they are not what its Service selects; the engine sees no key that a hand has added
        ways.append(
            f"`kubectl delete service {own} -n {view.namespace}` and `cutover up --stack {stack}` make its Service anew"
        )
    else:
        ways.append("its pods have to get ready")
    what = f"{name} {color}: ready endpoints of {own}"
    return Difference(what, f"there, for {percent(share)} of the route", "none", "; ".join(ways))
