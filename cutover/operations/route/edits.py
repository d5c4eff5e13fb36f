"""The edits of a route that exists between a service's live Service and the own Services of its colors. Pure.

Each is a JSON patch for the route as it was read: it tests its generation and every entry that it touches, and keeps
what else these entries have.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.route_entries import WHOLE, Entry, UnfitRoute
from contract.route_forms import Form, form_of
from contract.weights import chosen_rules

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Ends:
    """The two ends of an edit: the live Service, and the own Services of the active and the idle color."""

    live: str
    active: str
    idle: str


@dataclass(frozen=True)
class Edit:
    """An edit: its operations, none where the route is so already; the rules, by name or number; the ports of a Service
    that the entries send to.
    """

    operations: Sequence[Json]
    rules: Sequence[str]
    ports: frozenset[int]


def to_colors(route: Json, ends: Ends, rule: str | int | None) -> Edit:
    """Each rule that sends to the live Service (or the one `rule`) sends to the active color, and names the idle one
    with weight 0. Raises UnfitRoute.
    """
    form, edit = form_of(route), _Editing(route, rule, ends)
    for number, found in edit.rules_with(ends.live, beside=(ends.active, ends.idle)):
        [entry] = [one for one in found if one.service == ends.live]
        others = any(one.weight for one in found if one is not entry)
        if not entry.weight:
            raise UnfitRoute(f"its rule {number} gives {ends.live} no weight", "give it one, or name another rule")
        weight = entry.weight if others else WHOLE
        way, _, place = entry.path.rpartition("/")
        edit.add(
            number,
            [entry],
            {"op": "replace", "path": entry.path, "value": _weighed(form, entry, ends.active, weight)},
            {"op": "add", "path": f"{way}/{int(place) + 1}", "value": _weighed(form, entry, ends.idle, 0)},
        )
    return edit.done(ends.live)


def to_live(route: Json, ends: Ends, rule: str | int | None) -> Edit:
    """The way back: what the colors get, the live Service gets. Raises UnfitRoute, also where the idle color has a
    weight.
    """
    form, edit = form_of(route), _Editing(route, rule, ends)
    for number, found in edit.rules_with(ends.active, ends.idle, beside=(ends.live,)):
        mine = {one.service: one for one in found if one.service in (ends.active, ends.idle)}
        active, idle = mine.get(ends.active), mine.get(ends.idle)
        if active is None or not active.weight or (idle and idle.weight):
            has = ", ".join(f"{name} {one.weight}" for name, one in sorted(mine.items()))
            raise UnfitRoute(
                f"its rule {number} has {has}, and {ends.live} sends to the color of {ends.active} alone",
                f"take the share of {ends.idle} back first; `cutover up` sets the shares of the file",
            )
        sent = form.sent_to(active.whole, ends.live)
        changes: list[Json] = [{"op": "replace", "path": active.path, "value": sent}]
        if idle:
            changes.append({"op": "remove", "path": idle.path})
        edit.add(number, [one for one in (active, idle) if one], *changes)
    return edit.done(f"{ends.active} or {ends.idle}")


def _weighed(form: Form, entry: Entry, service: str, weight: int) -> dict[str, Any]:
    return {**form.sent_to(entry.whole, service), "weight": weight}


class _Editing:
    """An edit while it is made."""

    def __init__(self, route: Json, rule: str | int | None, ends: Ends) -> None:
        self._route, self._form, self._ends = route, form_of(route), ends
        self._chosen = chosen_rules(self._form, route, rule)
        self._done = False
        self._changes: list[Json] = []
        self._rules: list[str] = []
        self._ports: set[int] = set()

    def rules_with(self, *services: str, beside: Sequence[str]) -> Iterator[tuple[int, list[Entry]]]:
        """The rules that name one of the Services, each once, and none of those that may not be `beside` them."""
        for number in self._chosen:
            found = self._form.entries(self._route, number)
            named = [one.service for one in found if one.service in (*services, *beside)]
            if not set(named) & {*services}:
                self._done = self._done or bool(named)
                continue
            if set(named) & {*beside} or len(set(named)) < len(named):
                raise UnfitRoute(
                    f"its rule {number} sends to {', '.join(named)}: nothing tells which of these users are to meet",
                    "have the rule send to the live Service alone, or to the colors alone, each once",
                )
            yield number, found

    def add(self, number: int, entries: Sequence[Entry], *changes: Json) -> None:
        self._changes += [{"op": "test", "path": one.path, "value": dict(one.whole)} for one in entries]
        self._changes += changes
        self._rules.append(str(self._form.rules(self._route)[number].get("name", number)))
        self._ports |= {port for one in entries if (port := self._form.port(one.whole)) is not None}

    def done(self, looked_for: str) -> Edit:
        if not self._changes:
            if not self._done:
                raise UnfitRoute(
                    f"no rule of it sends to {looked_for}",
                    f"name the route that the users of {self._ends.live} come by",
                )
            return Edit((), (), frozenset())
        test = {"op": "test", "path": "/metadata/generation", "value": self._route["metadata"]["generation"]}
        return Edit((test, *self._changes), self._rules, frozenset(self._ports))
