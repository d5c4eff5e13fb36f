"""The kinds of value that a route is made of: its address, its hosts and Gateways, its rule."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, Strict, WithJsonSchema

from components.settings.base import refusal
from contract.text import quoted
from contract.urls import url_problem


def _url(text: str) -> str:
    problem = url_problem(text) or next((f"it holds {sign}" for sign in '#"\\' if sign in text), None)
    if not problem and not text.startswith(("http://", "https://")):
        problem = "its scheme is not in lower case"
    if problem:
        raise refusal(
            f"{quoted(text)} is no address to ask: {problem}",
            "answers from there are what proves that the traffic has moved",
            "write the URL that users ask, with a path that tells the version: https://shop.example.com/version",
        )
    return text


Address = Annotated[
    str, AfterValidator(_url), WithJsonSchema({"type": "string", "pattern": r"^https?://[^/\s#\\]+(/[^\s#\\]*)?$"})
]
Hosts = Annotated[tuple[Annotated[str, Field(pattern=r"^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")], ...], Strict(False)]
IstioGateways = Annotated[
    tuple[Annotated[str, Field(pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")], ...],
    Strict(False),
]


def _rule(value: Any) -> str | int | None:
    if isinstance(value, bool) or not isinstance(value, str | int | None) or (isinstance(value, int) and value < 0):
        said = quoted(value) if isinstance(value, str | int | float) else f"a {type(value).__name__}"
        raise refusal(
            f"rule is {said}, neither the name nor the number of a rule",
            "no rule of the route would have the weights, so no traffic would ever move",
            "write the name of the rule, or its number, counted from 0; or leave rule out",
        )
    return value


RouteRule = Annotated[
    str | int | None,
    PlainValidator(_rule),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "null"}]}),
]
