"""The weights of a service's colors in an HTTPRoute: found by name, changed by a patch that touches nothing else. Pure.

What others wrote into the route stays byte for byte: filters, matches, timeouts, other rules, other backends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.matches import words
from contract.releases import Color

OWN_RULE = 0
"""The rule of a service's own route that has the weights. One behind it has what always goes to the idle color."""
WHOLE = 100
MIRROR = "RequestMirror"
DEFAULT = 1  # the weight of an entry that has none

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


class UnfitRoute(Exception):  # noqa: N818  (named for what was found)
    """A route that the weights cannot be set in: what is wrong, and what mends it."""

    def __init__(self, what: str, fix: str) -> None:
        self.what, self.fix = what, fix
        super().__init__(what)


@dataclass(frozen=True)
class Entry:
    """An entry of a rule's `backendRefs`; `rule` and `place` are the indexes, `whole` is all of it."""

    rule: int
    place: int
    whole: Mapping[str, Any]

    @property
    def weight(self) -> int:
        """Its weight."""
        return int(self.whole.get("weight", DEFAULT))

    @property
    def path(self) -> str:
        """Where it is, as a JSON pointer."""
        return f"/spec/rules/{self.rule}/backendRefs/{self.place}"


@dataclass(frozen=True)
class _Rule:
    """One rule that sends to the service: the entries of its colors by Service, and what others have beside them."""

    number: int
    name: str
    mine: Mapping[str, Entry]
    others: int

    @property
    def total(self) -> int:
        """What the two weights add up to. Beside a third backend it stays, so that the share of that one does."""
        return sum(entry.weight for entry in self.mine.values()) if self.others else WHOLE

    def percentages(self, services: Sequence[str]) -> dict[str, float]:
        weights = {service: self.mine[service].weight if service in self.mine else 0 for service in services}
        total = sum(weights.values())
        found = {service: weight * WHOLE / total for service, weight in weights.items()} if total else {}
        return {service: int(share) if share.is_integer() else share for service, share in found.items()}

    def weights(self, wanted: Shares) -> Iterator[tuple[Entry, int]]:
        for service, share in wanted.items():
            if entry := self.mine.get(service):
                yield entry, share * self.total // WHOLE
            elif share:
                raise UnfitRoute(
                    f"its rule {self.number} names no backend {service}, which is to get {share} % of the requests",
                    f"add `{{name: {service}, port: …, weight: 0}}` to the rule's backendRefs, beside the other color",
                )
        uneven = [share for share in wanted.values() if share * self.total % WHOLE]
        if self.others and (uneven or not self.total):
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


def matches_to(route: Mapping[str, Any], service: str) -> list[str]:
    """What a service's own route sends to the one color whatever the weights, in words: `x-canary: always`."""
    rules: Sequence[Mapping[str, Any]] = route["spec"].get("rules") or []
    return [
        words(match)
        for rule in rules[OWN_RULE + 1 :]
        if [_service(one, None) for one in rule.get("backendRefs") or []] == [service]
        for match in rule.get("matches") or [{}]
    ]


def mirror_filter(service: str, port: int, percent: int) -> dict[str, Any]:
    """The filter of a rule that sends copies of so many percent of its requests to a Service."""
    mirrored: dict[str, Any] = {"backendRef": {"name": service, "port": port}}
    if percent < WHOLE:  # a field that not every version of the Gateway API has
        mirrored["percent"] = percent
    return {"type": MIRROR, "requestMirror": mirrored}


def mirrored_to(route: Mapping[str, Any], service: str) -> float:
    """The percentage of its requests that a service's own route copies to the one color; 0 where it copies none."""
    rules: Sequence[Mapping[str, Any]] = route["spec"].get("rules") or []
    filters = (one for rule in rules[: OWN_RULE + 1] for one in rule.get("filters") or [] if one.get("type") == MIRROR)
    for one in filters:
        mirrored = one.get("requestMirror") or {}
        if _service(mirrored.get("backendRef") or {"name": ""}, None) == service:
            fraction = mirrored.get("fraction")
            if fraction:
                return float(fraction.get("numerator", 0)) * WHOLE / (fraction.get("denominator") or WHOLE)
            return float(mirrored.get("percent", WHOLE))
    return 0


def most(found: Sequence[Mapping[str, int]], service: str) -> int:
    """The largest percentage that one of the two colors has in any rule; each weight above 0 is at least 1."""
    shares = [(one.get(service, 0), sum(one.values())) for one in found]
    return max((-(-weight * WHOLE // total) for weight, total in shares if total), default=0)


def _rules(route: Mapping[str, Any], wanted: Shares, rule: str | int | None) -> list[_Rule]:
    rules: Sequence[Mapping[str, Any]] = route["spec"].get("rules") or []
    chosen = [number for number, one in enumerate(rules) if rule in (None, number, one.get("name"))]
    found = [_rule(number, rules[number], wanted, route["metadata"].get("namespace")) for number in chosen]
    found = [one for one in found if one.mine or rule is not None]
    if rule is not None and len(chosen) != 1:
        names = ", ".join(str(one.get("name", number)) for number, one in enumerate(rules)) or "none"
        raise UnfitRoute(f"it has {len(chosen) or 'no'} rule {rule!r}", f"name one of its rules: {names}")
    if not found:
        names = " and ".join(wanted)
        raise UnfitRoute(
            f"no rule of it names {names}",
            f"have a rule send to {names}, each with its `port` and `weight`, in place of the live Service",
        )
    return found


def _rule(number: int, rule: Mapping[str, Any], wanted: Shares, namespace: str | None) -> _Rule:
    mine: dict[str, Entry] = {}
    others = 0
    for place, whole in enumerate(rule.get("backendRefs") or []):
        entry = Entry(number, place, whole)
        service = _service(whole, namespace)
        if service not in wanted:
            others += entry.weight
        elif service in mine:
            raise UnfitRoute(f"its rule {number} names {service} twice", f"leave one entry of {service} in the rule")
        else:
            mine[service] = entry
    return _Rule(number, str(rule.get("name", number)), mine, others)


def _service(entry: Mapping[str, Any], namespace: str | None) -> str:
    """The Service of the route's own namespace that an entry names; empty for anything else."""
    plain = entry.get("group", "") == "" and entry.get("kind", "Service") == "Service"
    return str(entry["name"]) if plain and entry.get("namespace", namespace) == namespace else ""
