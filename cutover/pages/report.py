"""The report of a stack's release: what serves and how it came to, the gates, the traffic, the history. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contract.secrets import masked
from contract.text import one_line, printable
from cutover.observe.fronts import FRONT
from cutover.observe.records import ServiceStatus
from cutover.pages.cards import Card, cards, content
from cutover.pages.timeline import Came, Entry, came, timeline
from cutover.pages.traffic import Traffic, traffic

Json = Mapping[str, Any]
_WORDS = {
    "succeeded": "✔", "nothing-to-do": "✔", "drift": "◌", "interrupted": "◌", "timed-out": "✖",
    "failed": "✖", "refused": "✖", "locked": "✖", "usage": "✖",
}  # fmt: skip
_LONGEST_LINE, _MOST_LINES = 400, 40


@dataclass(frozen=True)
class Released:
    """One service: its card, how what serves got the traffic, and what its pods run by digest."""

    card: Card
    release: str
    color: str
    digest: str
    image: str
    came: Came


@dataclass(frozen=True)
class Command:
    """The end of the last command that changed the stack, as its `--json` has it."""

    verb: str
    result: str
    symbol: str
    started: str
    seconds: float
    lines: tuple[str, ...]
    fix: str
    code: str
    watched: tuple[str, ...]


@dataclass(frozen=True)
class ReportPage:
    """The content of a report. `history` says why there is no timeline, where there is none."""

    stack: str
    namespace: str
    made: datetime
    released: tuple[Released, ...]
    command: Command | None
    traffic: Traffic | None
    entries: tuple[Entry, ...]
    history: str = ""

    @property
    def title(self) -> str:
        """The title of the page."""
        return f"{self.stack}: what is released"


def report(
    stack: str,
    namespace: str,
    services: Mapping[str, ServiceStatus],
    rows: Sequence[dict[str, Any]],
    *,
    made: datetime,
    change: Json | None = None,
    load: Json | None = None,
    history: str = "",
    limit: int = 20,
) -> ReportPage:
    """The report. `rows` are those of `operations.history.updates`; `change` and `load` are kept documents."""
    tones = tones_of(services)
    return ReportPage(
        stack=stack,
        namespace=namespace,
        made=made,
        released=tuple(
            _released(card, service, rows) for card, service in zip(cards(services), services.values(), strict=True)
        ),
        command=command(change) if change else None,
        traffic=traffic(load.get("load") or {}, tones) if load else None,
        entries=timeline(rows, limit),
        history=history,
    )


def tones_of(services: Mapping[str, ServiceStatus]) -> dict[str, str]:
    """Version -> the color that it is on, where it is on one alone: a picture shows it in that color."""
    found: dict[str, set[str]] = {}
    for service in services.values():
        if service.switches:
            for color in service.colors.values():
                found.setdefault(color.release.partition(" build ")[0], set()).add(color.color)
    return {version: next(iter(colors)) for version, colors in found.items() if len(colors) == 1}


def command(document: Json) -> Command | None:
    """The end of a command; None for what is no such document."""
    try:
        lines = masked(str(document["message"])).splitlines()[:_MOST_LINES]
        return Command(
            verb=one_line(document["verb"]),
            result=one_line(document["result"]),
            symbol=_WORDS.get(str(document["result"]), "◌"),
            started=one_line(document["startedAt"]),
            seconds=float(document["seconds"]),
            lines=tuple(printable(line)[:_LONGEST_LINE] for line in lines),
            fix=one_line(masked(str(document["fix"])), _LONGEST_LINE),
            code=one_line(document["code"]),
            watched=tuple(_watched(document.get("bake") or {})),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _watched(bake: Json) -> Sequence[str]:
    if not bake:
        return ()
    said = "passed" if bake["passed"] else f"did not pass: {one_line(masked(str(bake['reason'])), _LONGEST_LINE)}"
    return (f"the bake of {float(bake['seconds']):.0f} s {said}",)


def _released(card: Card, service: ServiceStatus, rows: Sequence[dict[str, Any]]) -> Released:
    live = service.live
    color = live.color if live and (service.switches or service.strategy == FRONT) else None
    return Released(
        card=card,
        release=live.release if live else "",
        color=color or "",
        digest=content(live) if live else "",
        image=live.image.partition("@")[0] if live else "",
        came=came(rows, service.name, color, live.release) if live else Came(None, ""),
    )
