"""The shares of the colors in the routes that users come by: read from the cluster, judged beside the config."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from contract.releases import COLORS, Color, color_service_name, other
from contract.route_entries import UnfitRoute
from contract.route_forms import form_of
from contract.route_kinds import VIRTUAL, RouteRef, kind_that_exists, route_ref, weighed_rule
from contract.text import harmless
from contract.weights import said, shares, shares_of
from cutover.errors import ClusterUnreachable
from cutover.observe.connection import Api, Refused
from cutover.observe.facts import Facts
from cutover.observe.gateways import refusal_of
from cutover.observe.records import Difference, ServiceStatus
from cutover.observe.shares import RouteStatus, in_percent, percent
from cutover.stackfile.view import StackView
from cutover.strategies.service import ServiceView

AT_ONCE = 8


@dataclass(frozen=True)
class Reading:
    """One route as it is. Without a `body` it could not be read: `why`, and what mends that; `gone` where there is
    none.
    """

    body: Mapping[str, Any] | None
    why: str = ""
    fix: str = ""
    gone: bool = False


def route_of(service: ServiceView) -> RouteRef | None:
    """The route of a service; None without one."""
    return None if service.route is None else route_ref(service.route, service.name)


def read_routes(api: Api, view: StackView) -> dict[RouteRef, Reading]:
    """The routes that the config names, as the cluster has them. One that cannot be read is no failure of the look."""
    named = sorted({one for service in view.services.values() if (one := route_of(service))}, key=str)
    if not named:
        return {}
    with ThreadPoolExecutor(min(AT_ONCE, len(named))) as pool:
        return dict(zip(named, pool.map(lambda one: _read(api, view.namespace, one), named), strict=True))


def _read(api: Api, namespace: str, ref: RouteRef) -> Reading:
    try:
        found = api.json("GET", ref.path(namespace))
        if not isinstance(found, dict) or not isinstance(found.get("spec"), dict) or "metadata" not in found:
            return Reading(
                None, f"the API server {api.server} answered with no {ref.kind.name}", "`cutover doctor` checks it"
            )
        return Reading(harmless(found))
    except ClusterUnreachable as error:
        if isinstance(error, Refused) and error.status == 404:
            return Reading(None, f"there is no {ref}", gone=True)
        return Reading(None, error.what, error.fix)


def judge_routes(
    view: StackView,
    found: Mapping[str, Facts],
    services: Mapping[str, ServiceStatus],
    routes: Mapping[RouteRef, Reading],
) -> dict[str, ServiceStatus]:
    """The status of every service, of those that have a route with its shares. One that is not deployed has none."""
    return {name: _with_route(view, view.services[name], found, seen, routes) for name, seen in services.items()}


def _with_route(
    view: StackView,
    service: ServiceView,
    found: Mapping[str, Facts],
    seen: ServiceStatus,
    routes: Mapping[RouteRef, Reading],
) -> ServiceStatus:
    ref = route_of(service)
    live = found[service.name].live if service.name in found else None
    if ref is None or live is None or service.active not in COLORS:
        return seen
    judged = _Judge(view, service, service.active, ref, live.routed, routes[ref])
    status = judged.status()
    return replace(seen, route=status, differences=(*seen.differences, *judged.differences(status, seen.differences)))


class _Judge:
    def __init__(
        self, view: StackView, service: ServiceView, active: Color, ref: RouteRef, noted: str | None, reading: Reading
    ) -> None:
        stack, self._namespace = view.name, view.namespace
        self._service, self._ref, self._name, self._reading = service, ref, ref.name, reading
        own: dict[Color, str] = {color: color_service_name(service.name, color) for color in COLORS}
        self._colors: dict[str, str] = {own[color]: color for color in COLORS}
        self._idle = own[other(active)]
        self._wanted = shares_of(own, active, service.weight)
        self._seen = noted == said([self._wanted])  # by the last run: who changed it since is somebody else
        self._ended = noted is not None  # a run takes the note off before it moves anything
        self._up = f"`cutover up --stack {stack}`"
        own_route = service.route or {}
        self._exists = kind_that_exists(own_route) is not None
        self._rule = weighed_rule(own_route)
        self._again = f"`pulumi up --refresh --stack {stack}`"  # the engine compares a route of ours with its state
        self._fix = reading.fix
        if reading.gone:
            self._fix = (
                f"make it, or name another as `route.{ref.kind.key}`"
                if self._exists
                else f"{self._again} makes it again"
            )

    def status(self) -> RouteStatus:
        wanted = {self._colors[name]: share for name, share in self._wanted.items()}
        made = RouteStatus(self._name, wanted)
        route = self._reading.body
        if route is None:
            why = self._reading.why
            return replace(made, unknown=why, broken=why if self._reading.gone and self._ended else "")
        try:
            found = shares(route, list(self._wanted), self._rule)
        except UnfitRoute as unfit:
            self._fix = unfit.fix
            return replace(made, unknown=unfit.what, broken=unfit.what if self._ended else "")
        if self._ref.kind is not VIRTUAL and (refusal := refusal_of(route)):  # Istio says nothing of that one
            self._fix = f"see `kubectl get {self._ref.kind.singular} {self._name} -n {self._namespace} -o yaml`" + (
                "; it may take a gateway some seconds" if refusal.waits else ""
            )
            return replace(made, unknown=refusal.why, broken=refusal.why if self._ended and not refusal.waits else "")
        made = replace(made, shares=tuple((rule, self._by_color(one)) for rule, one in found))
        if not self._exists:
            form = form_of(route)
            matches, mirror = form.matches_to(route, self._idle), form.mirrored_to(route, self._idle)
            made = replace(made, matches=tuple(matches), mirror=mirror)
        if any(one != self._wanted for _, one in found):
            foreign = f"somebody has set {made}, and the config says {in_percent(wanted)}; {self._up} sets it back"
            return replace(made, broken=foreign if self._seen else "")
        asked = (self._service.matches, self._service.mirror)
        return replace(made, settled=self._seen and (made.matches, made.mirror) == asked)

    def _by_color(self, found: Mapping[str, float]) -> dict[str, float]:
        return {self._colors[name]: share for name, share in found.items()}

    def differences(self, status: RouteStatus, before: Iterable[Difference]) -> Iterator[Difference]:
        what, wanted = f"{self._service.name}: shares of route {self._name}", in_percent(status.wanted)
        if status.unknown:
            yield Difference(what, wanted, str(status), self._fix)
        elif status.one != status.wanted:
            yield Difference(what, wanted, str(status), f"{self._up} puts the config through")
        elif status.matches != self._service.matches:
            wanted_matches, found = (", ".join(one) or "none" for one in (self._service.matches, status.matches))
            fix = f"{self._again} puts the config through"
            yield Difference(f"{self._service.name}: matches of route {self._name}", wanted_matches, found, fix)
        elif status.mirror != self._service.mirror:
            wanted_copies, copies = (f"{percent(one)}" for one in (self._service.mirror, status.mirror))
            fix = f"{self._again} puts the config through"
            yield Difference(f"{self._service.name}: copies by route {self._name}", wanted_copies, copies, fix)
        elif not status.settled and not list(before):
            yield Difference(what, f"{wanted}, seen in answers", "set, not seen yet", f"{self._up} carries it on")
