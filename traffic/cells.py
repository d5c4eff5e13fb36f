"""What a cell is: a scenario on a setting, and the bar that it is held to."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prober import Result

if TYPE_CHECKING:
    from traffic.scene import Scene

Json = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """How many requests may fail, in all and, where `kinds` is given, of which kind of client; and why not fewer.

    None as a count: the cell only measures.
    """

    failed: int | None = 0
    kinds: frozenset[str] = frozenset()
    why: str = "the old pods finish what they have, the new ones are ready"

    def broken_by(self, result: Result) -> list[str]:
        """What of a result is not within the bar."""
        if self.failed is None:
            return []
        counts: dict[str, int] = {}
        for failure in result.failures:
            counts[failure.kind] = counts.get(failure.kind, 0) + 1
        wrong = [f"{count} {kind}" for kind, count in sorted(counts.items()) if self.kinds and kind not in self.kinds]
        if wrong:
            return [f"failed: {', '.join(wrong)}; only {', '.join(sorted(self.kinds))} may"]
        if result.failed > self.failed:
            return [f"{result.failed} requests failed, the bar is {self.failed}"]
        return []

    def __str__(self) -> str:
        return "measured" if self.failed is None else f"≤ {self.failed}" if self.failed else "0"


ZERO = Bar()


@dataclass(frozen=True)
class Stage:
    """What cells share: a namespace, and a stack that starts with `service`.

    `alone`: nothing else plays meanwhile, as its cells stop parts of the cluster or measure times.
    """

    name: str
    service: Json = field(hash=False)
    alone: bool = False


@dataclass(frozen=True)
class Cell:
    """One scenario. `prepare` comes before the traffic; `fast` ones are part of `make test`."""

    stage: Stage
    scenario: str
    play: "Callable[[Scene], None]"
    bar: Bar = ZERO
    prepare: "Callable[[Scene], None] | None" = None
    kinds: tuple[str, ...] = ()  # more kinds of client than all cells have
    fast: bool = False
    note: str = ""

    @property
    def name(self) -> str:
        """As in the table, and for `-k`."""
        return f"{self.stage.name}/{self.scenario}"

    @property
    def slug(self) -> str:
        """The name as a file name."""
        return "-".join(re.findall(r"[a-z0-9]+", self.name.lower()))


@dataclass(kw_only=True)
class Verdict:
    """A cell as it went: `problems` is empty where every bar held."""

    name: str
    bar: str
    requests: int = 0
    failed: int = 0
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


def select(cells: Iterable[Cell], expression: str) -> list[Cell]:
    """Cells whose name has every word of one of the alternatives: `cutover deployment or faults`."""
    alternatives = [words.split() for words in expression.split(" or ")]
    return [cell for cell in cells if any(all(word in cell.name for word in words) for words in alternatives)]
