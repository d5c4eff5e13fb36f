"""The account of a load (docs/load.md) as a picture: who answered from when to when, requests over time, failures.

The numbers of the picture are units of its own coordinate system, 960 wide; the template draws it as SVG. An account is
read back from a file, so nothing of it is taken for granted. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contract.text import one_line

Json = Mapping[str, Any]

WIDTH = 960
LEFT, RIGHT = 118, 12
LANES_TOP, LANE = 30, 22  # of each version's line of who answered when
BARS = 150  # height of the requests over time
FAILED = 26  # height of the failures
GAP, AXIS = 14, 26
LETTER = 6.6  # width of a letter of the labels
MOST_VERSIONS = 6
MOST_BINS = 400
_TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
_MOST_TICKS = 9


@dataclass(frozen=True)
class Band:
    """A version: its sums, and as SVG paths the line of when it answered and its part of the bars."""

    version: str
    tone: str
    answers: int
    first: str
    last: str
    y: float
    line: str
    path: str


@dataclass(frozen=True)
class Mark:
    """Something at a moment: a phase that began, or a time of the axis."""

    x: float
    text: str
    end: bool = False  # whether the text stands before the line


@dataclass(frozen=True)
class Row:
    """One phase of the account, for the table beside the picture."""

    phase: str
    requests: int
    failed: int
    answers: str


@dataclass(frozen=True)
class Picture:
    """The content of the drawing. `highest` is the requests per second at the top of the bars."""

    height: float
    bands: tuple[Band, ...]
    bars_top: float
    bars_bottom: float
    highest: float
    failed_path: str
    failed_top: float
    failed_bottom: float
    phases: tuple[Mark, ...]
    ticks: tuple[Mark, ...]


@dataclass(frozen=True)
class Traffic:
    """The account for people. `picture` is None where the account has no series."""

    url: str
    started: str
    seconds: float
    rate: float
    requests: int
    failed: int
    raced: int
    p50_ms: float | None
    p99_ms: float | None
    failures: tuple[str, ...]
    rows: tuple[Row, ...]
    picture: Picture | None

    @property
    def verdict(self) -> str:
        """The account in one line."""
        return (
            f"{self.failed:,} of {self.requests:,} requests failed, {self.rate:g} per second for {self.seconds:.0f} s"
        )


def traffic(load: Json, tones: Mapping[str, str]) -> Traffic | None:
    """The account of a document's `load`; None for what is none. `tones`: version -> the color that it is on."""
    try:
        return _traffic(load, tones)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, ArithmeticError):
        return None


def _traffic(load: Json, tones: Mapping[str, str]) -> Traffic:
    phases = list(load["phases"])
    latency = load["latencyMs"]
    return Traffic(
        url=one_line(load["url"]),
        started=_iso(_time(load["startedAt"])),
        seconds=float(load["seconds"]),
        rate=float(load["ratePerSecond"]),
        requests=int(load["requests"]),
        failed=int(load["failed"]),
        raced=int(load["raced"]),
        p50_ms=_number(latency["p50"]),
        p99_ms=_number(latency["p99"]),
        failures=tuple(
            f"{one_line(one['class'])}: {int(one['count']):,}, such as: {one_line(one['example'])}"
            for one in load["failures"]
        ),
        rows=tuple(_row(phase) for phase in phases),
        picture=_picture(load, phases, tones) if load.get("series") and load.get("answered") else None,
    )


def _row(phase: Json) -> Row:
    answers = ", ".join(f"{_version(v)} {int(count):,}" for v, count in phase["versions"].items())
    return Row(one_line(phase["phase"]), int(phase["requests"]), int(phase["failed"]), answers or "none")


def _picture(load: Json, phases: Sequence[Json], tones: Mapping[str, str]) -> Picture:
    series, begun = load["series"], _time(load["startedAt"])
    width_seconds = int(series["binSeconds"])
    failed = [int(count) for count in series["failed"]][:MOST_BINS]
    seconds = max(float(load["seconds"]), 1.0)
    scale = _Scale(seconds, width_seconds)
    names = sorted(load["answered"], key=lambda name: load["answered"][name]["first"])[:MOST_VERSIONS]
    counts = {name: [int(count) for count in series["versions"][name]][: len(failed)] for name in names}
    sums = [sum(counts[name][place] for name in names) + failed[place] for place in range(len(failed))]
    most = max([1, *sums])
    top = LANES_TOP + LANE * len(names) + GAP
    bottom = top + BARS
    failed_bottom = bottom + GAP + FAILED
    base = [0] * len(failed)
    bands = []
    for number, name in enumerate(names):
        span = load["answered"][name]
        first, last = ((_time(span[key]) - begun).total_seconds() for key in ("first", "last"))
        path = scale.bars(counts[name], base, bottom, BARS / most)
        base = [below + count for below, count in zip(base, counts[name], strict=True)]
        bands.append(
            Band(
                version=_version(name),
                tone=tones.get(name) or f"other-{number % 3}",
                answers=int(load["versions"][name]),
                first=_iso(_time(span["first"])),
                last=_iso(_time(span["last"])),
                y=LANES_TOP + LANE * number,
                line=scale.line(counts[name], first, last, LANES_TOP + LANE * number + 4),
                path=path,
            )
        )
    return Picture(
        height=failed_bottom + AXIS,
        bands=tuple(bands),
        bars_top=top,
        bars_bottom=bottom,
        highest=round(most / width_seconds, 1),
        failed_path=scale.bars(failed, [0] * len(failed), failed_bottom, FAILED / max([1, *failed])),
        failed_top=bottom + GAP,
        failed_bottom=failed_bottom,
        phases=tuple(_phases(phases, scale)),
        ticks=tuple(_ticks(begun, seconds, scale)),
    )


@dataclass(frozen=True)
class _Scale:
    seconds: float
    bin_seconds: int

    def x(self, at_seconds: float) -> float:
        share = min(max(at_seconds / self.seconds, 0.0), 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def line(self, counts: Sequence[int], first: float, last: float, top: float) -> str:
        """The line from the first answer to the last one, without the bins in which there was none."""
        runs: list[list[float]] = []
        for place, count in enumerate(counts):
            begin, end = float(place * self.bin_seconds), float((place + 1) * self.bin_seconds)
            if count and runs and runs[-1][1] == begin:
                runs[-1][1] = end
            elif count:
                runs.append([begin, end])
        parts = []
        for run_begin, run_end in runs:
            left, right = self.x(max(run_begin, first)), self.x(min(run_end, last))
            wide = round(max(right - left, 2.0), 1)
            parts.append(f"M{left} {top}h{wide}v12h{-wide}z")
        return "".join(parts)

    def bars(self, counts: Sequence[int], base: Sequence[int], bottom: float, unit: float) -> str:
        """The bars of one kind as one path: each stands on what is below it."""
        parts = []
        for place, (count, below) in enumerate(zip(counts, base, strict=True)):
            left, right = self.x(place * self.bin_seconds), self.x((place + 1) * self.bin_seconds)
            wide = round(right - left - (1.0 if right - left > 4 else 0.0), 1)
            if count and wide > 0:
                height = round(count * unit, 1)
                parts.append(f"M{left} {round(bottom - below * unit, 1)}h{wide}v{-height}h{-wide}z")
        return "".join(parts)


def _phases(phases: Sequence[Json], scale: _Scale) -> Iterator[Mark]:
    found = [phase for phase in phases if "beginSeconds" in phase and int(phase["requests"])]
    places = [scale.x(float(phase["beginSeconds"])) for phase in found]
    for phase, x, following in zip(found, places, [*places[1:], WIDTH], strict=False):
        text, end = one_line(phase["phase"]), x > WIDTH - 80
        yield Mark(x, text if end or following - x > len(text) * LETTER + 10 else "", end=end)


def _ticks(begun: datetime, seconds: float, scale: _Scale) -> Iterator[Mark]:
    step = next((step for step in _TICKS if seconds / step <= _MOST_TICKS), _TICKS[-1])
    first = step - begun.timestamp() % step
    at = first if first < step else 0.0
    while at <= seconds:
        moment = begun + timedelta(seconds=at)
        x = scale.x(at)
        if x < WIDTH - 40:
            yield Mark(x, f"{moment:%H:%M:%S}")
        at += step


def _version(name: str) -> str:
    return one_line(name) if name else "no named version"


def _time(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
