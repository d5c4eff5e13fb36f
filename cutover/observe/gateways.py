"""The word of the gateways about a route, in its status: whether each carries it, as it is now. Pure.

A status tells that a gateway has read the route, not that traffic has moved; but where it says no, nothing has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.route_kinds import GROUP

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Refusal:
    """The reason why the weights of a route tell nothing of the traffic. `waits`: it may come right by itself."""

    why: str
    waits: bool


def refusal_of(route: Json) -> Refusal | None:
    """The first thing that keeps a gateway from carrying the route as it is, the ones for good first; None where all
    of its gateways say that they do.
    """
    found = list(_refusals(route))
    return next((one for one in found if not one.waits), found[0] if found else None)


def _refusals(route: Json) -> Iterator[Refusal]:
    said = (route.get("status") or {}).get("parents") or []
    parents = route["spec"].get("parentRefs") or []
    if not parents:
        yield Refusal("it names no gateway in `parentRefs`", waits=False)
    for parent in parents:
        key = _key(parent, route)
        own = [one for one in said if _key(one.get("parentRef") or {}, route) == key]
        if not own:
            yield Refusal(f"{_name(key)} has said nothing of it", waits=True)
        for one in own:
            yield from _of_one(_name(key), one.get("conditions") or [], route["metadata"].get("generation", 0))


def _of_one(gateway: str, conditions: list[Json], generation: int) -> Iterator[Refusal]:
    by_type = {one.get("type"): one for one in conditions}
    for kind, good, words in (
        ("Accepted", "True", "does not accept it"),
        ("ResolvedRefs", "True", "finds no way to what it sends to"),
        ("PartiallyInvalid", "False", "carries only a part of it"),
    ):
        condition = by_type.get(kind)
        if condition is None:
            if kind != "PartiallyInvalid":
                yield Refusal(f"{gateway} has not said {kind} of it", waits=True)
        elif (seen := condition.get("observedGeneration", generation)) < generation:
            yield Refusal(f"{gateway} has read its generation {seen}, and {generation} is there", waits=True)
        elif condition.get("status") != good:
            words_of_it = " ".join(str(condition.get("message", "")).split())
            told = ": ".join(filter(None, (condition.get("reason"), words_of_it)))
            waits = condition.get("status") == "Unknown"
            yield Refusal(f"{gateway} {words}" + (f" ({told})" if told else ""), waits=waits)


def _key(parent: Json, route: Json) -> tuple[Any, ...]:
    """What tells one of a route's parents from another, its defaults filled in."""
    home = route["metadata"].get("namespace")
    return (
        parent.get("group", GROUP),
        parent.get("kind", "Gateway"),
        parent.get("namespace") or home,
        parent.get("name"),
        parent.get("sectionName"),
        parent.get("port"),
    )


def _name(key: tuple[Any, ...]) -> str:
    _, kind, namespace, name, section, port = key
    listener = "".join(f" {what} {value}" for what, value in (("listener", section), ("port", port)) if value)
    return f"{kind} {namespace}/{name}{listener}"
