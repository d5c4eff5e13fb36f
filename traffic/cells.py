"""What a cell is: a scenario on a setting, and the bar that it is held to."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from prober import POOL_SIZE, QUICK_KINDS, Failure, Result

if TYPE_CHECKING:
    from traffic.scene import Scene
    from traffic.space import Space

Json = dict[str, Any]
Router = Literal["http_route", "virtual_service"]

MEASURED = (
    "measured"  # the bar of a cell that has none: it shows what happens without what we do, or what nobody can help
)


@dataclass(frozen=True)
class Bar:
    """How many requests may fail, and why not fewer; where `kinds` is given, of which kinds of client alone.

    `raced` counts apart: requests on kept connections that the server closed while they were on their way to it. A
    server that closes idle connections without having announced it (podinfo does when it stops, as all do that are
    built on Go's) does that to whatever is sent in that moment; docs/limits.md. `failed` None: only measured.
    """

    failed: int | None = 0
    kinds: frozenset[str] = frozenset()
    raced: int = 0
    why: str = "nothing that serves is stopped"

    def broken_by(self, result: Result) -> list[str]:
        """What of a result is not within the bar."""
        if self.failed is None:
            return []
        lost = [failure for failure in result.failures if not _has_raced(failure)]
        wrong = []
        if (count := raced(result)) > self.raced:
            wrong.append(f"{count} requests raced with the end of their connection, the bar is {self.raced}")
        if len(lost) > self.failed:
            wrong.append(f"{len(lost)} requests failed, the bar is {self.failed}")
        if strange := sorted({failure.kind for failure in lost if self.kinds and failure.kind not in self.kinds}):
            wrong.append(f"{', '.join(strange)} requests failed; only {', '.join(sorted(self.kinds))} may")
        return wrong

    def __str__(self) -> str:
        if self.failed is None:
            return MEASURED
        return (f"≤ {self.failed}" if self.failed else "0") + (f", ≤ {self.raced} raced" if self.raced else "")


PODINFO_KINDS = (*QUICK_KINDS, "long-lived", "slow", "stream")
KINDS = (*PODINFO_KINDS, "events")
GRPC_KINDS = ("grpc", "grpc-stream")
KEPT = frozenset({"get-keep-alive", "post-keep-alive", "long-lived"})
OPEN_CONNECTIONS = 2 * POOL_SIZE + 1  # that the clients who keep theirs have at most


def raced(result: Result) -> int:
    """Requests that got no answer as their kept connection was being closed."""
    return sum(map(_has_raced, result.failures))


def _has_raced(failure: Failure) -> bool:
    return failure.raced and failure.kind in KEPT


ZERO = Bar()
DRAINED = Bar(why="what stops finishes what it has, and the new pods are ready before")
AS_GO_DOES = replace(DRAINED, raced=OPEN_CONNECTIONS, why="Go's server closes idle connections without a word")


def slug(name: str) -> str:
    """A name as lower-case words joined with dashes: part of a namespace's name, and the name of a picture."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


@dataclass(frozen=True)
class Stage:
    """What cells share: a namespace, and a stack that starts with `service`.

    `alone`: nothing else plays meanwhile, as its cells stop parts of the cluster or compare figures. With `build`
    there is no stack, but what that makes. With `group` the stack has a second service, `backend`, that
    cuts over together with the first. With `environments` it has those alone, and no `service`. A request passes
    `hops` services; the rate is divided by it. Traffic goes to the first `ports` of the live Service, the same to each;
    where `routed`, through the cluster's gateway, by a route of that kind that the service gets.
    """

    name: str
    service: Json = field(hash=False)
    alone: bool = False
    backend: Json | None = field(default=None, hash=False)
    group: Json | None = field(default=None, hash=False)
    environments: Json | None = field(default=None, hash=False)
    hops: int = 1
    ports: int = 1
    routed: Router | None = None
    build: "Callable[[Space], None] | None" = None

    @property
    def slug(self) -> str:
        """The name as a DNS label."""
        return slug(self.name)


@dataclass(frozen=True)
class Cell:
    """One scenario. `prepare` comes before the traffic; `fast` ones are part of `make test`."""

    stage: Stage
    scenario: str
    play: "Callable[[Scene], None]"
    bar: Bar = ZERO
    prepare: "Callable[[Scene], None] | None" = None
    kinds: tuple[str, ...] = KINDS
    fast: bool = False
    note: str = ""

    @property
    def name(self) -> str:
        """As in the table, and for `-k`."""
        return f"{self.stage.name}/{self.scenario}"

    @property
    def slug(self) -> str:
        """The name as a file name."""
        return slug(self.name)


@dataclass(kw_only=True)
class Verdict:
    """A cell as it went: `problems` is empty where every bar held. `stalled` answers came, but after more than 1 s."""

    name: str
    bar: str
    requests: int = 0
    failed: int = 0
    raced: int = 0
    stalled: int = 0
    seconds: float = 0.0
    up_seconds: list[float] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    failures: list[Mapping[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    facts: dict[str, float | str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the cell held."""
        return not self.problems


def named(name: str, expression: str) -> bool:
    """Whether a name has every word of one of the alternatives: `cutover deployment or faults`."""
    return any(all(word in name for word in words.split()) for words in expression.split(" or "))


def left(cells: Sequence[Cell], held: Collection[str]) -> list[Cell]:
    """The cells that did not hold their bar yet. Where nothing stands before the first cell of a stage, each goes on
    from the one before: then all of them.
    """
    to_play = {cell.stage for cell in cells if cell.name not in held}
    return [cell for cell in cells if cell.name not in held or (cell.stage.build and cell.stage in to_play)]


def select(cells: Iterable[Cell], expression: str) -> list[Cell]:
    """The cells whose name is meant."""
    return [cell for cell in cells if named(cell.name, expression)]
