"""A stack on the dashboard, in parts that are replaced one by one: its head, a card per service, what lies below."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cutover.pages.cards import Card
from cutover.pages.render import render
from cutover.pages.report import Command
from cutover.pages.timeline import Entry
from cutover.pages.traffic import Traffic

_WORST = ("degraded", "progressing", "paused", "healthy")


@dataclass(frozen=True)
class Trouble:
    """The reason why the cards are not of now: what failed, what helps, and when they were read, if ever."""

    what: str
    fix: str
    read_at: str


@dataclass(frozen=True)
class Plan:
    """The plan of an `up` now, by a preview of the file: in its own words, or why there is none."""

    lines: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class StackPage:
    """The content of one stack's page. `key` is its place on the page, `note` why there is no history."""

    key: str
    name: str
    namespace: str
    cards: tuple[Card, ...] = ()
    trouble: Trouble | None = None
    entries: tuple[Entry, ...] = ()
    note: str = ""
    traffic: Traffic | None = None
    command: Command | None = None
    plan: Plan | None = None

    @property
    def counts(self) -> str:
        """How its services are, the worst first: `1 degraded, 3 healthy`."""
        numbers = {state: sum(card.state == state for card in self.cards) for state in _WORST}
        return ", ".join(f"{number} {state}" for state, number in numbers.items() if number)

    @property
    def attention(self) -> tuple[Card, ...]:
        """The services that somebody may have to see to, the worst first."""
        found = [card for card in self.cards if card.state != "healthy"]
        return tuple(sorted(found, key=lambda card: _WORST.index(card.state)))


@dataclass
class Parts:
    """The parts of a stack as HTML. What is as it was is not rendered again: most of a stack rests."""

    _known: dict[str, tuple[object, str]] = field(default_factory=dict)

    def of(self, page: StackPage) -> tuple[str, dict[str, str]]:
        """The whole section, and its parts by their ids, in their order."""
        head = (page.name, page.namespace, page.counts, page.attention, page.trouble)
        found = {f"{page.key}-head": self._part(f"{page.key}-head", head, "stack_head.html", page=page)}
        cards = {}
        for card in page.cards:
            key = f"{page.key}-{card.key}"
            cards[key] = self._part(key, card, "stack_card.html", card=card, key=key)
        below = {}
        for name, shown in self._below(page).items():
            key = f"{page.key}-{name}"
            below[key] = self._part(key, shown, f"stack_{name}.html", page=page, key=key)
        whole = render("stack.html", page=page, head=found, cards=cards, below=below)
        self._known = {key: kept for key, kept in self._known.items() if key in found | cards | below}
        return whole, found | cards | below

    @staticmethod
    def _below(page: StackPage) -> Mapping[str, object]:
        return {
            "plan": page.plan,
            "traffic": page.traffic,
            "command": page.command,
            "history": (page.entries, page.note),
        }

    def _part(self, key: str, shown: object, template: str, /, **context: object) -> str:
        known = self._known.get(key)
        if known is None or known[0] != shown:
            known = (shown, render(template, **context))
            self._known[key] = known
        return known[1]
