"""The kinds of routes that carry the weights of two colors, and where one route is. Pure.

How each writes its rules is told in `route_forms`; all else is shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from contract import gateway_route, virtual_service

GROUP = "gateway.networking.k8s.io"


@dataclass(frozen=True)
class RouteKind:
    """One kind: its name, the key of `route` that names one that exists, its resource in the API, and the field that
    has what others must leave alone.
    """

    name: str
    key: str
    plural: str
    group: str = GROUP
    weighed: str = "backendRefs"

    @property
    def singular(self) -> str:
        """As kubectl takes it."""
        return self.name.lower()


HTTP = RouteKind("HTTPRoute", "http_route", "httproutes")
GRPC = RouteKind("GRPCRoute", "grpc_route", "grpcroutes")
VIRTUAL = RouteKind("VirtualService", "virtual_service", "virtualservices", virtual_service.GROUP, "http[].route")
ROUTE_KINDS = (HTTP, GRPC, VIRTUAL)


@dataclass(frozen=True)
class RouteRef:
    """One route. As text it is what people read: `HTTPRoute shop`."""

    kind: RouteKind
    name: str

    def path(self, namespace: str) -> str:
        """Where the API server has it."""
        return f"/apis/{self.kind.group}/v1/namespaces/{namespace}/{self.kind.plural}/{quote(self.name, safe='')}"

    def __str__(self) -> str:
        return f"{self.kind.name} {self.name}"


def kind_that_exists(route: Mapping[str, Any]) -> RouteKind | None:
    """The kind of the route that a service's `route` names as one that exists; None for a route of its own."""
    return next((kind for kind in ROUTE_KINDS if route.get(kind.key)), None)


def route_ref(route: Mapping[str, Any], service: str) -> RouteRef:
    """The route that a service's `route` means: one that exists, or the service's own of the same name, whose kind
    follows from the gateways that it names, and from `kind`.
    """
    kind = kind_that_exists(route)
    return RouteRef(kind, str(route[kind.key])) if kind else RouteRef(_own_kind(route), service)


def weighed_rule(route: Mapping[str, Any]) -> str | int | None:
    """The rule that has the weights, by name or number; None for each that names one of the colors."""
    if kind_that_exists(route):
        return route.get("rule")
    return virtual_service.OWN_RULE if _own_kind(route) is VIRTUAL else gateway_route.OWN_RULE


def _own_kind(route: Mapping[str, Any]) -> RouteKind:
    if route.get("gateways"):
        return VIRTUAL
    return GRPC if route.get("kind") == GRPC.name else HTTP
