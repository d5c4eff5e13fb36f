"""The match of a canary: the condition by which requests always go to the idle color."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from components.settings.base import Fault, Rule, Settings, Values, Why
from components.settings.values import HeaderName
from contract.matches import Match
from contract.text import quoted

_KINDS = ("header", "query", "cookie")
_LONGEST = 1024  # of a query parameter; a cookie's is twice as long as a regular expression, and a header's takes 4,096
_CHARACTERS = {
    "query": (re.compile(rf"[A-Za-z0-9._~-]{{1,{_LONGEST}}}"), "letters, digits and . _ ~ - alone"),
    "cookie": (
        re.compile(rf"[!#-+\--:<-\[\]-~]{{1,{_LONGEST}}}"),
        "no space, quote, comma, semicolon or backslash (RFC 6265)",
    ),
}

HeaderValue = Annotated[str, Field(max_length=4096, pattern=r"^[!-~]([ -~]*[!-~])?$")]
Token = Annotated[str, Field(max_length=256, pattern=r"^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$")]
QueryName = Annotated[str, Field(max_length=256, pattern=r"^[A-Za-z0-9._~-]+$")]
Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]
_NAME = "[A-Za-z_][A-Za-z0-9_]*"
GrpcMethod = Annotated[str, Field(max_length=1024, pattern=rf"^{_NAME}(\.{_NAME})*(/{_NAME})?$")]


def _one_kind(values: Values) -> Iterator[Fault]:
    """An entry of `match` has one of `header`, `query` and `cookie`, or `method`, or one of them and `method`; in a
    GRPCRoute `header`, or `grpc`, or both.
    """
    given = [kind for kind in _KINDS if values[kind] is not None]
    if len(given) > 1:
        yield Fault(
            (given[1],),
            f"{' and '.join(given)} are given in one entry",
            "the entries are alternatives; two values in one leave open which of them is meant",
            "write an entry for each",
        )
    elif not given and values["method"] is None and values["grpc"] is None:
        yield Fault(
            ("header",),
            "the entry names no header, query, cookie, method or grpc",
            "without a condition every request would go to the idle color",
            "write header and value, query and value, cookie and value, or method; in a GRPCRoute header or grpc",
        )


def _has_value(values: Values) -> Iterator[Fault]:
    """`header`, `query` and `cookie` need a `value`, which holds what needs no escape there; `method` has none."""
    given = next((kind for kind in _KINDS if values[kind] is not None), None)
    value: str | None = values["value"]
    if (given is None) != (value is None):
        yield Fault(
            ("value",),
            f"value is {'missing beside ' + given if given else 'given without header, query or cookie'}",
            "what is compared with what would not be known",
            "give value" if given else "remove value",
        )
    elif given in _CHARACTERS and value is not None and not _CHARACTERS[given][0].fullmatch(value):
        yield Fault(
            ("value",),
            f"{quoted(value)} is no value of a {given} that is the same for every gateway",
            f"it has 1 to {_LONGEST} characters and holds {_CHARACTERS[given][1]}",
            "choose another value; nobody but testers and tools has to know it",
        )


class CanaryMatch(Settings):
    """A condition by which requests go to the idle color, whatever its share."""

    header: HeaderName | None = Field(default=None, description="Name of a header.")
    query: QueryName | None = Field(default=None, description="Name of a query parameter.")
    cookie: Annotated[Token | None, Why("a gateway may not take it: it becomes a regular expression on a header")] = (
        Field(default=None, description="Name of a cookie.")
    )
    value: HeaderValue | None = Field(default=None, description="All of its value.")
    method: Method | None = Field(default=None, description="The HTTP method, alone or beside one of the three.")

    grpc: GrpcMethod | None = Field(
        default=None,
        description="In a GRPCRoute: a method, as `shop.Orders/Get`, or all of a service's, as `shop.Orders`; alone or "
        "beside a header.",
    )

    rules = (
        Rule((*_KINDS, "method", "grpc"), _one_kind),
        Rule((*_KINDS, "value"), _has_value),
    )

    @property
    def match(self) -> Match:
        """The condition."""
        return Match(self.header, self.query, self.cookie, self.value or "", self.method, self.grpc)
