"""A service as a card: its colors with releases, pods and provenance, its gates, its drift. Pure.

The records of a look are harmless lines already (cutover.observe.live); the templates escape them once more for HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from contract.images import digest_in
from cutover.observe.fronts import FRONT
from cutover.observe.records import ColorStatus, Difference, JobStatus, PodStatus, ServiceStatus
from cutover.pages.gates import Answer, answers
from cutover.strategies.service import RELEASE

SYMBOLS = {"healthy": "✔", "paused": "॥", "progressing": "◌", "degraded": "✖"}
_TONES = ("blue", "green")
_ROLES = {
    "live": "takes the traffic",
    "preview": "waits to be promoted",
    "standby": "standby",
    "absent": "not there",
}
_ENDED = {"refused": "was refused", "reverted": "was sent back", "rolled back": "was left"}


@dataclass(frozen=True)
class Fact:
    """A line of provenance. `link` is its address where it is one of the web, else empty."""

    label: str
    value: str
    link: str = ""


@dataclass(frozen=True)
class Pod:
    """One pod as a page has it: with no age, which would make it another at each look."""

    name: str
    ready: bool
    words: str
    created: datetime | None


@dataclass(frozen=True)
class ColorCard:
    """One color, version or environment. `tone` is the color to draw it in, `words` its role for people; `share` is of
    the users, in percent, while a canary has one.
    """

    name: str
    tone: str
    role: str
    words: str
    release: str
    ready: int
    wanted: int
    pods: tuple[Pod, ...]
    jobs: tuple[JobStatus, ...]
    facts: tuple[Fact, ...]
    note: str
    share: float | None

    @property
    def complete(self) -> bool:
        """Whether all wanted pods are ready."""
        return self.ready >= self.wanted


@dataclass(frozen=True)
class Bar:
    """A color's share of the users, in percent from the left."""

    tone: str
    x: float
    width: float


@dataclass(frozen=True)
class Card:
    """One service. `key` is its place on a page, unique in the stack; `moved` is when its live Service was switched;
    `scale_down` is what becomes of a color that was left and keeps its size for a while, and when.
    """

    key: str
    name: str
    strategy: str
    group: str
    state: str
    symbol: str
    reason: str
    headline: str
    moved: datetime | None
    colors: tuple[ColorCard, ...]
    gates: tuple[Answer, ...]
    differences: tuple[Difference, ...]
    route: str
    route_name: str
    canary: str
    no_rollback_past: str
    scale_down: str

    @property
    def bar(self) -> tuple[Bar, ...]:
        """The shares of a canary color by color; none where they are not known."""
        found: list[Bar] = []
        for color in self.colors:
            if color.share:
                found.append(Bar(color.tone, round(sum(bar.width for bar in found), 1), round(color.share, 1)))
        return tuple(found)

    @property
    def calm(self) -> bool:
        """Whether there is nothing to see to."""
        return self.state == "healthy" and all(gate.said == "passed" for gate in self.gates)


def cards(services: Mapping[str, ServiceStatus]) -> tuple[Card, ...]:
    """All services, in the order of the file."""
    return tuple(_card(place, service) for place, service in enumerate(services.values()))


def web_link(address: str) -> str:
    """The address, where a browser may be sent there by a click: of the web and with a host; else empty."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.hostname and not parts.username else ""


def content(color: ColorStatus) -> str:
    """The image that its pods run, or ran, by digest; empty where that is not known, or several."""
    if named := digest_in(color.image):
        return named
    return (digest_in(color.image_ids[0]) or color.image_ids[0]) if len(color.image_ids) == 1 else ""


def _card(place: int, service: ServiceStatus) -> Card:
    shares = _shares(service)
    return Card(
        key=f"service-{place}",
        name=service.name,
        strategy=service.strategy,
        group=service.group or "",
        state=service.state,
        symbol=SYMBOLS[service.state],
        reason=service.reason,
        headline=_headline(service),
        moved=service.since if service.switches else None,  # another Service is never switched
        colors=tuple(_color_card(service, color, shares.get(color.color)) for color in service.colors.values()),
        gates=answers(service),
        differences=service.differences,
        route=str(service.route) if service.route else "",
        route_name=service.route.name if service.route else "",
        canary=str(service.canary) if service.canary else "",
        no_rollback_past=service.no_rollback_past or "",
        scale_down=str(service.scale_down or ""),
    )


def _shares(service: ServiceStatus) -> Mapping[str, float]:
    """The users of each color in percent: by the route, or by the pods that are attached; empty where not known."""
    if service.route and not service.route.unknown and service.route.one:
        return service.route.one
    if service.canary and service.canary.percent is not None and service.live_color:
        return {service.live_color: 100 - service.canary.percent, service.canary.color: service.canary.percent}
    return {}


def _headline(service: ServiceStatus) -> str:
    live = service.live
    if live is None:
        return "nothing takes the traffic"
    if service.strategy == FRONT:
        return f"sends to {live.color}, {live.release}"
    if not service.switches:
        return f"{live.release} is rolled out" if service.completed else f"{live.release} is being rolled out"
    return f"{live.color} takes the traffic with {live.release}"


def _color_card(service: ServiceStatus, color: ColorStatus, share: float | None) -> ColorCard:
    noted = service.refusal if service.refusal and service.refusal.color == color.color else None
    one_only = color.color == RELEASE  # it has a role, but there is no other
    words = "" if one_only else _ENDED[noted.kind] if noted and color.role != "live" else _ROLES[color.role]
    if color.role == "preview" and share and not noted:
        words = "canary"
    serving = f"{', '.join(color.serving)} still serves" if color.serving else ""
    return ColorCard(
        name=color.color,
        tone=color.color if color.color in _TONES else "plain",
        role=color.role,
        words=words,
        release=color.release,
        ready=color.ready,
        wanted=color.wanted,
        pods=tuple(map(_pod, color.pods)),
        jobs=color.jobs,
        facts=facts(color),
        note=color.stuck or serving,
        share=share,
    )


def _pod(pod: PodStatus) -> Pod:
    words = "ready" if pod.ready else pod.reason or "not ready"
    if pod.restarts:
        words += f", {pod.restarts} restart{'' if pod.restarts == 1 else 's'}"
    return Pod(pod.name, pod.ready, words, pod.created)


def facts(color: ColorStatus) -> tuple[Fact, ...]:
    """Where a release came from, as far as the cluster knows."""
    known = color.origin
    digest = content(color)
    said = {
        "image": color.image.partition("@")[0],
        "content": digest,
        "commit": known.get("commit", ""),
        "repository": known.get("repository", ""),
        "deployed by": known.get("deployedBy", ""),
        "deployed at": known.get("deployedAt", ""),
        "run": known.get("run", ""),
        "update": str(color.update or ""),
        "config": known.get("configDigest", ""),
    }
    return tuple(Fact(label, value, web_link(value)) for label, value in said.items() if value)
