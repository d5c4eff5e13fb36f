"""The form of a route: how its kind writes rules and entries. An object says itself of which kind it is. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from contract import gateway_route, virtual_service
from contract.route_entries import Entry, UnfitRoute

Json = Mapping[str, Any]


class Form(Protocol):
    """The form of one kind of route, where the kinds differ; the modules `gateway_route` and `virtual_service` are one
    each.
    """

    def rules(self, route: Json) -> Sequence[Json]:
        """Its rules, in order."""

    def entries(self, route: Json, number: int) -> list[Entry]:
        """The entries of that rule."""

    def unfit(self, route: Json, services: Sequence[str], chosen: Sequence[int]) -> UnfitRoute | None:
        """The fault that keeps a gateway from following it, and that no status tells. In the rules `chosen` their
        weights are ours.
        """

    def hosts(self, route: Json) -> list[str]:
        """The host names that it takes; none where it takes all."""

    def port(self, entry: Json) -> int | None:
        """The port of its Service that an entry sends to; None where it names none."""

    def sent_to(self, entry: Json, service: str) -> dict[str, Any]:
        """The same entry for another Service. Raises UnfitRoute."""

    def example(self, service: str) -> str:
        """An entry for that Service without a share, as people write it."""

    def matches_to(self, route: Json, service: str) -> list[str]:
        """The requests that a service's own route sends to the one color whatever the weights, in words."""

    def mirrored_to(self, route: Json, service: str) -> float:
        """The percentage of its requests that a service's own route copies to the one color."""


def form_of(route: Json) -> Form:
    """The form of a route as the API server gives it."""
    istio = str(route.get("apiVersion", "")).startswith(f"{virtual_service.GROUP}/")
    return virtual_service if istio else gateway_route
