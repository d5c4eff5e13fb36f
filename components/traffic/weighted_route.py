"""The weights of two colors in one route: read, moved with a precondition, and seen in answers.

A status says that a controller has read the route; traffic moves a tenth of a second later, or ten seconds where the
control plane is busy. So only answers prove a move (docs/canary.md).
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from components.cluster import watch as limits
from components.cluster.watch import TRIES, Watch
from components.rules import shares
from components.rules.errors import Moved, RouteUnfit, RouteUnseen
from components.settings.route import Route
from components.traffic.answers import Answers
from contract import weights
from contract.matches import Match
from contract.route_entries import UnfitRoute
from contract.route_forms import form_of
from contract.route_kinds import VIRTUAL
from contract.weights import Shares, said

UNSEEN_SECONDS = 10.0
"""How long gateways may take to follow a route, where nothing shows whether they have."""


class WeightedRoute:
    """The route of one service. `answers` tells who answers; None where nobody may be asked. `matched` is the color's
    Service that requests always go to where they fit one of these conditions.
    """

    def __init__(
        self,
        watch: Watch,
        settings: Route,
        services: Sequence[str],
        answers: Answers | None,
        matched: tuple[str, Sequence[Match]] = ("", ()),
    ) -> None:
        self._watch, self._services, self._answers, self._matched = watch, services, answers, matched
        self._ref = settings.ref(watch.service)
        self.name = self._ref.name
        self._owned = settings.exists is None
        self._rule = settings.weighed

    async def read(self) -> Mapping[str, Any]:
        """The route as it is now. Raises RouteUnfit where there is none."""
        return self._found(await self._watch.cluster.route(self._ref))

    def _found(self, route: Mapping[str, Any] | None) -> Mapping[str, Any]:
        if route is None:
            raise self._unfit(
                UnfitRoute(
                    f"there is no such {self._ref.kind.name}",
                    f"make it, or name another as `route.{self._ref.kind.key}`",
                )
            )
        return route

    async def weights(self) -> list[dict[str, int]]:
        """The weights of the colors now, by rule; none of a route of ours that is not made yet. Raises RouteUnfit."""
        route = await self._watch.cluster.route(self._ref)
        return [] if route is None and self._owned else self._weights(self._found(route))

    def unknown(self, found: Sequence[Mapping[str, int]]) -> bool:
        """Whether these weights tell nothing of the traffic: of a VirtualService Envoy keeps the ones before them."""
        bad = [one for one in found if min(one.values()) < 0 or not any(one.values())]
        return self._ref.kind is VIRTUAL and bool(bad)

    async def mirrored(self) -> float:
        """The percentage of the requests that the color of `matched` gets copies of now; 0 of a route that is not ours,
        or not made yet.
        """
        route = await self._watch.cluster.route(self._ref) if self._owned else None
        return form_of(route).mirrored_to(route, self._matched[0]) if route else 0

    async def check_mirror(self, percent: int) -> None:
        """Once the route is written: it copies so many percent, and no more. Raises RouteUnfit."""
        if percent and (now := await self.mirrored()) != percent:
            raise self._unfit(
                UnfitRoute(
                    f"it copies {now:g} % of the requests, and {percent} % are wanted; a Gateway API without `percent` "
                    "for mirrors (before 1.3) leaves that out, and copies all",
                    "give `canary.mirror: 100`, update the Gateway API's CRDs, or remove `mirror`",
                )
            )

    async def differs(self, wanted: Shares) -> bool:
        """Whether the route gives other shares. Raises RouteUnfit."""
        return bool(self._patch(await self.read(), wanted))

    async def move(self, wanted: Shares, seen: Sequence[Mapping[str, int]]) -> None:
        """Give the colors these shares where the weights are as they were `seen`. Raises Moved, RouteUnfit."""
        for _ in range(TRIES):
            route = await self.read()
            operations = self._patch(route, wanted)
            if not operations:
                return
            if (now := self._weights(route)) != list(seen):
                raise self._second(f"had {said(seen)} a moment ago and has {said(now)} now", wanted)
            if await self._watch.cluster.patch_route(self._ref, operations):
                self._say(f"{self.name} sends {said([wanted])} % from now on")
                return
        raise self._second(f"changed {TRIES} times while its weights were to be set", wanted)

    async def until_seen(self, wanted: Shares, before: Shares, *, proven: bool = False) -> None:
        """Wait until answers show the shares; without an address, for the time that gateways may take. Of `proven`
        shares, which were seen before what changed beside them, the fewest answers do. Raises RouteUnseen, Moved.
        """
        if self._answers is None:
            self._say(f"waiting {UNSEEN_SECONDS:g} s for the gateways, as `route.address` is not set: not seen")
            await asyncio.sleep(UNSEEN_SECONDS)
        elif reason := await self._watch.until_none(
            lambda: self._unmet(wanted, before, proven), limits.VERIFY_SECONDS, f"answers of {said([wanted])} %"
        ):
            raise RouteUnseen(
                f"{self._watch.service}: {limits.VERIFY_SECONDS:g} s after {self.name} was to send {said([wanted])} %, "
                f"{reason}",
                "users may still meet the color that was left, or nobody; its pods are not stopped",
                f"see what the gateway says: `kubectl get {self._ref.kind.singular} {self.name} -n "
                f"{self._watch.namespace} -o yaml`; `pulumi up` looks again",
            )
        if await self.differs(wanted):
            raise self._second(f"has {said(await self.weights())} after it was given {said([wanted])}", wanted)

    async def _unmet(self, wanted: Shares, before: Shares, proven: bool) -> str | None:
        assert self._answers is not None  # noqa: S101 - the caller asked
        route = await self.read()
        hosts = form_of(route).hosts(route)
        few = shares.SAMPLES[0]
        changed = [one for one in wanted if wanted[one] != before.get(one, 0)] or list(wanted)
        number = few if proven else max(shares.samples(wanted[one], before.get(one, 0)) for one in changed)
        found = await self._answers.count(number, hosts)
        ours = sum(found[one] for one in wanted)
        fits = all(shares.fits(ours, found[one], share) for one, share in wanted.items())
        if not fits or ours != number:
            return f"{number} requests were answered by {said([found])}"
        service, conditions = self._matched
        for one in conditions:
            if not self._answers.may_ask(one):
                self._say(f"not asked for {one}: such a request may change something, or its answer has no body")
                continue
            fitting = await self._answers.count(few, hosts, one)
            if fitting != {service: few}:
                return f"{few} requests with {one} were answered by {said([fitting])}"
            self._say(f"seen in {few} answers to {one}: {said([fitting])}")
        self._say(f"seen in {number} answers: {said([found])}")
        return None

    def _weights(self, route: Mapping[str, Any]) -> list[dict[str, int]]:
        try:
            return weights.weights(route, self._services, self._rule)
        except UnfitRoute as unfit:
            raise self._unfit(unfit) from None

    def _patch(self, route: Mapping[str, Any], wanted: Shares) -> list[dict[str, Any]]:
        try:
            return weights.patch(route, wanted, self._rule)
        except UnfitRoute as unfit:
            raise self._unfit(unfit) from None

    def _unfit(self, unfit: UnfitRoute) -> RouteUnfit:
        return RouteUnfit(
            f"{self._watch.service}: the {self._ref} does not fit: {unfit.what}",
            "a weight that no rule of it carries would move no request",
            unfit.fix,
        )

    def _second(self, what: str, wanted: Shares) -> Moved:
        return Moved(
            f"{self._watch.service}: the {self._ref} {what}: somebody else writes its weights",
            f"two writers would take turns, and users would meet the shares of either; {said([wanted])} is wanted",
            f"look who it is (`kubectl get {self._ref.kind.singular} {self.name} -n {self._watch.namespace} -o "
            f"yaml --show-managed-fields`), have that one leave `{self._ref.kind.weighed}` alone (docs/canary.md), "
            "then `pulumi up`",
        )

    def _say(self, text: str) -> None:
        self._watch.say(f"{self._watch.service}: {text}")
