"""The weights of a service's colors in a route: found by name, changed by a patch that touches nothing else. Pure.

What others wrote into the route stays byte for byte: filters, matches, timeouts, other rules, other backends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.releases import Color
from contract.route_entries import WHOLE, Entry, UnfitRoute
from contract.route_forms import Form, form_of

Shares = Mapping[str, int]
"""Name of a color's own Service -> its percentage of what the two get."""
RuleShares = tuple[str, Mapping[str, float]]
"""A rule, by name or number, and the percentage that each color's own Service gets in it."""


def shares_of(services: Mapping[Color, str], active: Color, weight: int) -> dict[str, int]:
    """The shares where the color that is not active gets so many percent. `services` are the colors' own."""
    return {name: WHOLE - weight if color == active else weight for color, name in services.items()}


def said(found: Sequence[Mapping[str, int]]) -> str:
    """Weights or counts in words; of shares it is the note of them, too."""
    return "; ".join(", ".join(f"{name} {number}" for name, number in sorted(one.items())) for one in found)


@dataclass(frozen=True)
class _Rule:
    """One rule that sends to the service: the entries of its colors by Service, and what others have beside them."""

    number: int
    name: str
    mine: Mapping[str, Entry]
    others: int
    form: Form

    @property
    def total(self) -> int:
        """What the two weights add up to. Beside a third backend it stays, so that the share of that one does."""
        return sum(entry.weight for entry in self.mine.values()) if self.others else WHOLE

    def percentages(self, services: Sequence[str]) -> dict[str, float]:
        weights = {service: self.mine[service].weight if service in self.mine else 0 for service in services}
        total = 0 if min(weights.values()) < 0 else sum(weights.values())
        found = {service: weight * WHOLE / total for service, weight in weights.items()} if total else {}
        return {service: int(share) if share.is_integer() else share for service, share in found.items()}

    def weights(self, wanted: Shares) -> Iterator[tuple[Entry, int]]:
        for service, share in wanted.items():
            if entry := self.mine.get(service):
                yield entry, share * self.total // WHOLE
            elif share:
                raise UnfitRoute(
                    f"its rule {self.number} names no backend {service}, which is to get {share} % of the requests",
                    f"add `{self.form.example(service)}` to the rule, beside the other color",
                )
        uneven = [share for share in wanted.values() if share * self.total % WHOLE]
        if self.others and (uneven or self.total <= 0):
            colors = " and ".join(self.mine)
            raise UnfitRoute(
                f"its rule {self.number} sends to others too, and the weights of {colors} add up to {self.total}, of "
                f"which {' and '.join(f'{share} %' for share in wanted.values() if share)} is no whole number",
                f"multiply all weights of that rule so that those of {colors} add up to {WHOLE}",
            )


def patch(route: Mapping[str, Any], wanted: Shares, rule: str | int | None) -> list[dict[str, Any]]:
    """The JSON patch that gives the colors these shares in the rule of that name or number, or in each that names one
    of them; empty where they have them. It tests that the route was not changed since. Raises UnfitRoute.
    """
    changes = [
        change
        for found in _rules(route, wanted, rule)
        for entry, weight in found.weights(wanted)
        if entry.weight != weight
        for change in (
            {"op": "test", "path": entry.path, "value": dict(entry.whole)},
            {"op": "add", "path": f"{entry.path}/weight", "value": weight},
        )
    ]
    generation = route["metadata"]["generation"]
    return [{"op": "test", "path": "/metadata/generation", "value": generation}, *changes] if changes else []


def weights(route: Mapping[str, Any], services: Sequence[str], rule: str | int | None) -> list[dict[str, int]]:
    """The weights as they are, of each rule that counts. Raises UnfitRoute."""
    rules = _rules(route, dict.fromkeys(services, 0), rule)
    return [{service: entry.weight for service, entry in one.mine.items()} for one in rules]


def shares(route: Mapping[str, Any], services: Sequence[str], rule: str | int | None) -> list[RuleShares]:
    """Of each rule that counts its name or number, and the percentage that each color gets of what the two get there;
    nothing where neither has a weight. Raises UnfitRoute.
    """
    rules = _rules(route, dict.fromkeys(services, 0), rule)
    return [(one.name, one.percentages(services)) for one in rules]


def most(found: Sequence[Mapping[str, int]], service: str) -> int:
    """The largest percentage that one of the two colors has in any rule; each weight above 0 is at least 1. Weights of
    a VirtualService that no gateway takes are none.
    """
    shares = [(one.get(service, 0), sum(one.values())) for one in found if all(weight >= 0 for weight in one.values())]
    return max((-(-weight * WHOLE // total) for weight, total in shares if total), default=0)


def _rules(route: Mapping[str, Any], wanted: Shares, rule: str | int | None) -> list[_Rule]:
    form = form_of(route)
    found = [_rule(form, route, number, wanted) for number in chosen_rules(form, route, rule)]
    found = [one for one in found if one.mine or rule is not None]
    if unfit := form.unfit(route, list(wanted), [one.number for one in found]):
        raise unfit
    if not found:
        names = " and ".join(wanted)
        raise UnfitRoute(
            f"no rule of it names {names}",
            f"have a rule send to {names}, each with its `port` and `weight`, in place of the live Service: "
            "`cutover route` does that while it serves",
        )
    return found


def chosen_rules(form: Form, route: Mapping[str, Any], rule: str | int | None) -> list[int]:
    """The number of the rule of that name or number, or of every rule. Raises UnfitRoute where there is no such one."""
    rules = form.rules(route)
    chosen = [number for number, one in enumerate(rules) if rule in (None, number, one.get("name"))]
    if rule is not None and len(chosen) != 1:
        names = ", ".join(str(one.get("name", number)) for number, one in enumerate(rules)) or "none"
        raise UnfitRoute(f"it has {len(chosen) or 'no'} rule {rule!r}", f"name one of its rules: {names}")
    return chosen


def _rule(form: Form, route: Mapping[str, Any], number: int, wanted: Shares) -> _Rule:
    mine: dict[str, Entry] = {}
    others = 0
    for entry in form.entries(route, number):
        if entry.service not in wanted:
            others += entry.weight
        elif entry.service in mine:
            raise UnfitRoute(
                f"its rule {number} names {entry.service} twice", f"leave one entry of {entry.service} in the rule"
            )
        else:
            mine[entry.service] = entry
    return _Rule(number, str(form.rules(route)[number].get("name", number)), mine, others, form)
