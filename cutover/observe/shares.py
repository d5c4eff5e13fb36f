"""The shares of a route as plain records, and in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RouteStatus:
    """The HTTPRoute that a service's users come by. `shares` are the percentages of the colors as it has them now, by
    name or number of each rule that names one; none where `unknown` says why they are not known.

    `matches` are the conditions, in words, by which it sends requests to the idle color whatever the shares; `mirror`
    is the percentage of the others that it sends that color copies of. `settled` tells that they are the config's, and
    were seen in answers; `broken` why waiting does not help.
    """

    name: str
    wanted: Mapping[str, int]
    shares: tuple[tuple[str, Mapping[str, float]], ...] = ()
    matches: tuple[str, ...] = ()
    mirror: float = 0
    unknown: str = ""
    settled: bool = False
    broken: str = ""

    @property
    def one(self) -> Mapping[str, float] | None:
        """The shares, where they are known and the same in all rules."""
        found = [shares for _, shares in self.shares]
        return found[0] if found and all(shares == found[0] for shares in found) else None

    def __str__(self) -> str:
        if self.unknown:
            return f"not known: {self.unknown}"
        if self.one is not None:
            return in_percent(self.one) + with_matches(self.matches) + with_copies(self.mirror)
        return "; ".join(f"rule {rule}: {in_percent(shares)}" for rule, shares in self.shares)

    def to_json(self) -> dict[str, Any]:
        """The route as plain data."""
        return {
            "name": self.name,
            "wanted": dict(self.wanted),
            "shares": None if self.one is None else dict(self.one),
            "rules": [{"rule": rule, "shares": dict(shares)} for rule, shares in self.shares],
            "matches": list(self.matches),
            "mirror": self.mirror,
            "unknown": self.unknown,
            "settled": self.settled,
        }


def in_percent(shares: Mapping[str, float]) -> str:
    """Shares in words: `blue 90 %, green 10 %`."""
    found = ", ".join(f"{color} {percent(share)}" for color, share in shares.items())
    return found or "no weight for either color"


def with_matches(matches: Iterable[str]) -> str:
    """What goes to the idle color by a condition, in words, behind the shares of the rest."""
    return "".join(f"; with {match} only the canary" for match in matches)


def with_copies(mirror: float) -> str:
    """What the idle color gets copies of, in words, behind the shares."""
    return f"; copies of {percent(mirror)} to the canary" if mirror else ""


def percent(share: float) -> str:
    """A share in words, one decimal where it is not whole: `10 %`. What is little is never told as nothing, nor what
    is nearly all as all.
    """
    shown = round(share, 1)
    if shown in (0, 100) and shown != share:
        return "under 0.1 %" if shown == 0 else "over 99.9 %"
    return f"{shown:g} %"
