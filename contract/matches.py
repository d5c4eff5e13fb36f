"""The match of a canary, the condition by which requests always go to it: in config, in a route, in words. Pure.

A cookie has no field of its own, neither in the Gateway API nor in Istio. It is a regular expression on the header
`Cookie`, which a gateway may support (`Implementation-specific`); the expression holds the whole header, so that one
that looks for it anywhere finds the same.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COOKIE = "Cookie"
_ESCAPED = re.compile(r"\\(.)")
_BEFORE, _AFTER = "^(.*; ?)?", "(;.*)?$"


@dataclass(frozen=True)
class Match:
    """One condition: a header, a query parameter or a cookie of this value, a method, or one of the three and a method.
    In a GRPCRoute a method is one of gRPC, of a service of its schema: `grpc`, without a slash all of the service's.

    As text it is what people read: `x-canary: always`, `?beta=1`, `cookie group=beta`, `POST, x-canary: always`,
    `shop.Orders/Get`.
    """

    header: str | None = None
    query: str | None = None
    cookie: str | None = None
    value: str = ""
    method: str | None = None
    grpc: str | None = None

    def gateway(self) -> dict[str, Any]:
        """The match of an HTTPRoute's or GRPCRoute's rule, without its path."""
        found: dict[str, Any] = {}
        if self.method:
            found["method"] = self.method
        if self.grpc:
            service, _, method = self.grpc.partition("/")
            found["method"] = {"type": "Exact", "service": service, **({"method": method} if method else {})}
        if self.header:
            found["headers"] = [{"type": "Exact", "name": self.header, "value": self.value}]
        if self.cookie:
            value = f"{_BEFORE}{re.escape(self.cookie)}={re.escape(self.value)}{_AFTER}"
            found["headers"] = [{"type": "RegularExpression", "name": COOKIE, "value": value}]
        if self.query:
            found["queryParams"] = [{"type": "Exact", "name": self.query, "value": self.value}]
        return found

    def istio(self) -> dict[str, Any]:
        """The match of a VirtualService's route, without its path."""
        same = self.gateway()
        kinds = {"Exact": "exact", "RegularExpression": "regex"}
        found: dict[str, Any] = {"method": {"exact": self.method}} if self.method else {}
        for key in ("headers", "queryParams"):
            if key in same:
                found[key] = {one["name"]: {kinds[one["type"]]: one["value"]} for one in same[key]}
        return found

    def __str__(self) -> str:
        return words(self.gateway())

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request that fits."""
        if self.header:
            return {self.header: self.value}
        return {COOKIE: f"{self.cookie}={self.value}"} if self.cookie else {}

    @property
    def params(self) -> dict[str, str]:
        """The query parameters of a request that fits."""
        return {self.query: self.value} if self.query else {}


def read_match(entry: Mapping[str, Any]) -> Match:
    """The condition of an entry of `canary.match`; what is no text in it counts as not there."""
    parts = {key: entry.get(key) for key in ("header", "query", "cookie", "value", "method", "grpc")}
    return Match(**{key: str(value) for key, value in parts.items() if value is not None})


def words(match: Mapping[str, Any]) -> str:
    """A match of an HTTPRoute's or GRPCRoute's rule in words, whoever wrote it; its path is left out."""
    headers = [_header(one) for one in _list(match, "headers")]
    params = [f"?{one.get('name')}={one.get('value')}" for one in _list(match, "queryParams")]
    method = [_method(match["method"])] if match.get("method") else []
    return ", ".join([*method, *headers, *params])


def words_of_istio(match: Mapping[str, Any]) -> str:
    """A match of a VirtualService's route in the same words; its path is left out."""
    kinds = {"exact": "Exact", "regex": "RegularExpression", "prefix": "Prefix"}
    same: dict[str, Any] = {"method": next(iter((match.get("method") or {}).values()), None)}
    for key in ("headers", "queryParams"):
        same[key] = [
            {"type": kinds.get(kind, kind), "name": name, "value": value}
            for name, one in (match.get(key) or {}).items()
            for kind, value in (one or {}).items()
        ]
    return words(same)


def _method(found: Any) -> str:
    """An HTTP method, or one of gRPC: `shop.Orders/Get`, `shop.Orders` for all of a service's."""
    if not isinstance(found, Mapping):
        return str(found)
    name = "/".join(str(found.get(key) or "*") for key in ("service", "method")).removesuffix("/*")
    return name if found.get("type", "Exact") == "Exact" else f"like {name}"


def _header(one: Mapping[str, Any]) -> str:
    name, value = str(one.get("name")), str(one.get("value"))
    if one.get("type", "Exact") == "Exact":
        return f"{name}: {value}"
    if name == COOKIE and value.startswith(_BEFORE) and value.endswith(_AFTER):
        return "cookie " + _ESCAPED.sub(r"\1", value[len(_BEFORE) : -len(_AFTER)])
    return f"{name} like {value}"


def _list(match: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    found = match.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
