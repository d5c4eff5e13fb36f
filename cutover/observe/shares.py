"""The shares of the colors as plain records, and in words: of a route, or of new connections by pods."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contract.pod_shares import percent_of, said


@dataclass(frozen=True)
class RouteStatus:
    """The route that a service's users come by. `shares` are the percentages of the colors as it has them now, by
    name or number of each rule that names one; none where `unknown` says why they are not known.

    `matches` are the conditions, in words, by which it sends requests to the idle color whatever the shares; `mirror`
    is the percentage of the others that it sends that color copies of. `settled` tells that they are the config's, and
    were seen in answers; `broken` why waiting does not help. `silent` are the colors' own Services that get a share and
    have no ready endpoint.
    """

    name: str
    wanted: Mapping[str, int]
    shares: tuple[tuple[str, Mapping[str, float]], ...] = ()
    matches: tuple[str, ...] = ()
    mirror: float = 0
    unknown: str = ""
    settled: bool = False
    broken: str = ""
    silent: tuple[str, ...] = ()

    @property
    def one(self) -> Mapping[str, float] | None:
        """The shares, where they are known and the same in all rules."""
        found = [shares for _, shares in self.shares]
        return found[0] if found and all(shares == found[0] for shares in found) else None

    def __str__(self) -> str:
        if self.unknown:
            return f"not known: {self.unknown}"
        if self.one is not None:
            found = in_percent(self.one) + with_matches(self.matches) + with_copies(self.mirror)
        else:
            found = "; ".join(f"rule {rule}: {in_percent(shares)}" for rule, shares in self.shares)
        return found + "".join(f"; {name} has no ready endpoint" for name in self.silent)

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
            "silent": list(self.silent),
        }


@dataclass(frozen=True)
class PodShares:
    """A canary by pods: of `color` so many pods are `wanted` and `attached`, and `serving` are ready endpoints of
    the live Service, beside `active` ones of the color that serves. Not known where `unknown` says why. Without a label
    those are attached which the selector finds.
    """

    color: str
    wanted: int
    attached: int
    serving: int = 0
    active: int = 0
    unknown: str = ""

    @property
    def settled(self) -> bool:
        """Whether exactly the wanted pods get new connections."""
        return not self.unknown and self.wanted == self.attached == self.serving

    @property
    def percent(self) -> float | None:
        """The percentage of new connections that the color gets; None where it is not known."""
        return None if self.unknown else percent_of(self.serving, self.active)

    def __str__(self) -> str:
        found = f"not known: {self.unknown}" if self.unknown else said(self.serving, self.active)
        return f"{self.color} {found}" + ("" if self.settled else f"; {self.attached} of {self.wanted} attached")

    def to_json(self) -> dict[str, Any]:
        """The canary as plain data."""
        return {
            "color": self.color,
            "wanted": self.wanted,
            "attached": self.attached,
            "serving": None if self.unknown else self.serving,
            "active": None if self.unknown else self.active,
            "percent": None if self.percent is None else round(self.percent, 1),
            "unknown": self.unknown,
            "settled": self.settled,
        }


def in_percent(shares: Mapping[str, float]) -> str:
    """Shares in words: `blue 90 %, green 10 %`."""
    found = ", ".join(f"{color} {percent(share)}" for color, share in shares.items())
    return found or "no weight for either color"


def with_matches(matches: Iterable[str]) -> str:
    """The requests to the idle color by a condition, in words, behind the shares of the rest."""
    return "".join(f"; with {match} only the canary" for match in matches)


def with_copies(mirror: float) -> str:
    """The requests that the idle color gets copies of, in words, behind the shares."""
    return f"; copies of {percent(mirror)} to the canary" if mirror else ""


def percent(share: float) -> str:
    """A share in words, one decimal where it is not whole: `10 %`. What is little is never told as nothing, nor what
    is nearly all as all.
    """
    shown = round(share, 1)
    if shown in (0, 100) and shown != share:
        return "under 0.1 %" if shown == 0 else "over 99.9 %"
    return f"{shown:g} %"
