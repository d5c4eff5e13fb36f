"""The route of a service, and its canary: the share of the idle color, in weights or in pods."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from components.settings.base import GIVEN, Fault, Rule, Settings, Values, Why
from components.settings.canary_match import CanaryMatch
from components.settings.release import Release
from components.settings.route_values import Address, Hosts, IstioGateways, RouteRule
from components.settings.values import HeaderName, HttpPath, ObjectName, Text
from contract.route_kinds import ROUTE_KINDS, RouteRef, route_ref, weighed_rule
from contract.text import quoted

_EXISTS = ("http_route", "grpc_route", "virtual_service")
_OWN = ("parents", "gateways")
_WHICH = (*_EXISTS, *_OWN)
_TOLD_BY = ("{version}", "{build}")
MOST_MATCHES = 8  # of one rule, in any version of the Gateway API


class RouteParent(Settings):
    """A Gateway that a route belongs to."""

    name: ObjectName = Field(description="Name of the Gateway.")
    namespace: ObjectName | None = Field(default=None, description="Its namespace; the service's own unless given.")
    section_name: ObjectName | None = Field(default=None, description="The one listener of it.")


Parents = Annotated[tuple[RouteParent, ...], Strict(False)]


def _one_kind(values: Values) -> Iterator[Fault]:
    """One of `http_route`, `grpc_route` and `virtual_service`, or for a route of its own `parents` or `gateways`."""
    given = [name for name in _WHICH if values[name]]
    if len(given) != 1:
        yield Fault(
            ("http_route",),
            f"{' and '.join(given)} are given" if given else f"none of {', '.join(_WHICH)} is given",
            "users come by one route, and one that exists keeps its own parents; without any there is none to weigh in",
            "name the route that exists as http_route, grpc_route or virtual_service; for a new one give the Gateways "
            "of an HTTPRoute or GRPCRoute as parents, or those of a VirtualService as gateways",
        )


def _fits_kind(values: Values) -> Iterator[Fault]:
    """`rule` goes with a route that exists; `hosts` and `path` go with `parents` or `gateways`."""
    owned = any(values[key] for key in _OWN)
    exists = next((values[key] for key in _EXISTS if values[key]), None)
    for name in ("rule",) if owned else ("hosts", "path"):
        if name in values[GIVEN] and values[name] is not None:
            yield Fault(
                (name,),
                f"{name} is given for a route {'of the service itself' if owned else 'that exists'}",
                "the setting would promise what nothing does",
                f"remove {name}" + ("" if owned else f", and write the {name} into the route {exists}"),
            )


def _gateways_have_hosts(values: Values) -> Iterator[Fault]:
    """`gateways` need `hosts`."""
    if values["gateways"] and not values["hosts"]:
        yield Fault(
            ("hosts",),
            "gateways are given without hosts",
            "a VirtualService has at least one host name: without it no gateway would send anything",
            "add hosts: the names that users ask for",
        )


def _kind_fits(values: Values) -> Iterator[Fault]:
    """`kind` goes with `parents`; a GRPCRoute has no `path`."""
    if values["kind"] != "GRPCRoute":
        return
    if not values["parents"]:
        yield Fault(
            ("kind",),
            "kind is GRPCRoute, and no parents are given",
            "of a route that exists its key tells the kind, and gateways make a VirtualService",
            "remove kind, or give the Gateways of a new GRPCRoute as parents",
        )
    if values["path"] is not None:
        yield Fault(
            ("path",),
            f"path is {values['path']}, and kind is GRPCRoute",
            "a GRPCRoute has no paths: it takes services and methods",
            "remove path; hosts tell what the route takes",
        )


def _answer_tells(values: Values) -> Iterator[Fault]:
    """`answer` and `answer_header` need `address`; `answer` must name the version or the build."""
    if values["address"] is None:
        for name in ("answer", "answer_header"):
            if name in values[GIVEN]:
                yield Fault(
                    (name,), f"{name} is given without address", "nothing is asked, so nothing answers", "add address"
                )
    elif not any(one in values["answer"] for one in _TOLD_BY):
        yield Fault(
            ("answer",),
            f"answer is {quoted(values['answer'])}, the same for every release",
            "which color has answered could not be told, so no move would ever be seen",
            "write what names the release, for instance '{version}' or '\"build\":{build}'",
        )


def _address_by_http(values: Values) -> Iterator[Fault]:
    """`address` goes not with a GRPCRoute: it is asked by plain HTTP."""
    own = values["kind"] == "GRPCRoute"
    if (values["grpc_route"] or own) and values["address"] is not None:
        yield Fault(
            ("address",),
            f"address is given for the GRPCRoute {'of the service itself' if own else values['grpc_route']}",
            "it is asked by plain HTTP, which another route carries: its answers would prove nothing of this one",
            "remove address: gateways are given 10 s after each step, and the output says that it was not seen",
        )


class Route(Settings):
    """The route by which users reach the service: an HTTPRoute or a GRPCRoute of the Gateway API, or Istio's
    VirtualService.
    """

    http_route: Annotated[ObjectName, Why("only the weights of the two colors in it are touched")] | None = Field(
        default=None, description="Name of the HTTPRoute that exists, in the service's namespace."
    )
    grpc_route: Annotated[ObjectName, Why("only the weights of the two colors in it are touched")] | None = Field(
        default=None, description="Name of the GRPCRoute that exists, in the service's namespace."
    )
    virtual_service: Annotated[ObjectName, Why("only the weights of the two colors in it are touched")] | None = Field(
        default=None, description="Name of Istio's VirtualService that exists, in the service's namespace."
    )
    rule: RouteRule = Field(
        default=None,
        description="The rule of it (of a VirtualService, the entry of `http`), by name or number; unless given, each "
        "that names one of the colors.",
    )
    parents: Parents = Field(
        default=(), description="For an HTTPRoute or GRPCRoute of the service's own: the Gateways it belongs to."
    )
    kind: Literal["HTTPRoute", "GRPCRoute"] = Field(
        default="HTTPRoute", description="Of a route of the service's own with `parents`: what it is."
    )
    gateways: IstioGateways = Field(
        default=(),
        description="For a VirtualService of the service's own: the Gateways of Istio, each as `name` or "
        "`namespace/name`; `mesh` for the sidecars.",
    )
    hosts: Hosts = Field(default=(), description="For a route of the service's own: its host names.")
    path: HttpPath | None = Field(
        default=None, description="For a route of the service's own: the prefix of its paths."
    )
    address: Annotated[Address, Why("only answers prove that traffic has moved; a status does not")] | None = Field(
        default=None, description="URL that is asked to see the shares; without it 10 s are waited and nothing is seen."
    )
    answer: Annotated[Text, Field(min_length=1)] = Field(
        default="{version}", description="What an answer of a release contains; `{version}` and `{build}` are its own."
    )
    answer_header: HeaderName | None = Field(default=None, description="The header to look in, not the body.")

    rules = (
        Rule(_WHICH, _one_kind),
        Rule((*_WHICH, "rule", "hosts", "path"), _fits_kind),
        Rule(("gateways", "hosts"), _gateways_have_hosts),
        Rule(("kind", "parents", "path"), _kind_fits),
        Rule(("address", "answer"), _answer_tells),
        Rule(("grpc_route", "kind", "address"), _address_by_http),
    )

    @property
    def exists(self) -> str | None:
        """The name of the route that exists; None for a route of the service's own."""
        return self.http_route or self.grpc_route or self.virtual_service

    @property
    def weighed(self) -> str | int | None:
        """The rule that has the weights; None for each that names one of the colors."""
        return weighed_rule(self._given | {"rule": self.rule})

    def ref(self, service: str) -> RouteRef:
        """The route of that service."""
        return route_ref(self._given, service)

    @property
    def _given(self) -> dict[str, Any]:
        return {kind.key: getattr(self, kind.key) for kind in ROUTE_KINDS} | {
            "gateways": self.gateways,
            "kind": self.kind,
        }

    def answer_of(self, release: Release) -> str:
        """The text that an answer of a release contains."""
        return self.answer.replace("{version}", release.version).replace("{build}", str(release.build))


Matches = Annotated[tuple[CanaryMatch, ...], Field(max_length=MOST_MATCHES), Strict(False)]


def _match_has_weight(values: Values) -> Iterator[Fault]:
    """`match` needs a `weight` of at least 1."""
    if values["match"] and not values["weight"]:
        yield Fault(
            ("match",),
            "match is given, and weight is 0",
            "the gates come before a share: who fits it would meet a release that nothing has looked at",
            "give weight 1 or more, or remove match",
        )


def _mirror_alone(values: Values) -> Iterator[Fault]:
    """`mirror` goes neither with a `weight` above 0 nor with `match`."""
    beside = [f"weight is {values['weight']}"] if values["weight"] else []
    beside += ["match is given"] if values["match"] else []
    if values["mirror"] and beside:
        yield Fault(
            ("mirror",),
            f"mirror is {values['mirror']}, and {' and '.join(beside)}",
            "while requests are mirrored the active color answers each of them, and a copy is never an answer",
            "give weight 0 and no match, or remove mirror",
        )


def _matches_differ(values: Values) -> Iterator[Fault]:
    """No entry of `match` may be there twice; the case of a header's name does not count."""
    found = [one.match for one in values["match"]]
    seen = [replace(one, header=one.header.lower() if one.header else None) for one in found]
    for number, one in enumerate(seen):
        if one in seen[:number]:
            yield Fault(
                ("match", number),
                f"{one} is there twice",
                "a route may not hold the same match twice",
                "remove one of the two",
            )


class Canary(Settings):
    """The share of the idle color."""

    weight: Annotated[int, Field(ge=0, le=100), Why("that many of a hundred users meet the new release")] = Field(
        description="Percentage of the route's requests that go to the idle color; without a route of new connections, "
        "rounded up to whole pods."
    )
    match: Annotated[Matches, Why("testers and their tools want one release, not now and then")] = Field(
        default=(),
        description="Conditions: a request that fits any of them always goes to the idle color. Only in a route of "
        "the service's own.",
    )

    mirror: Annotated[int, Field(ge=0, le=100), Why("a release that breaks under real requests breaks for nobody")] = (
        Field(
            default=0,
            description="Percentage of the requests that the idle color gets a copy of; its answers are thrown away. "
            "Only in a route of the service's own, with weight 0.",
        )
    )

    rules = (
        Rule(("match", "weight"), _match_has_weight),
        Rule(("mirror", "weight", "match"), _mirror_alone),
        Rule(("match",), _matches_differ),
    )
