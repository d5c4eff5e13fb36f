"""A run as an SVG: answers per version over time, failures below, the moments of the release marked.

Written by hand: it is a few rectangles, lines and words, and a plotting library would be the largest dependency here.
"""

from collections import Counter
from dataclasses import dataclass
from xml.sax.saxutils import escape

from prober import Result

WIDTH, HEIGHT = 1000, 400
LEFT, RIGHT = 70, 20
ANSWERS = (110, 310)  # top and bottom of the answers
FAILURES = (325, 365)
BIN_SECONDS = 0.25
VERSION_COLORS = ("#3b78c3", "#4c9f5a", "#e08a2c", "#8d6bb8", "#7a7a7a")
FAILED_COLOR = "#c62828"
_QUIET = ("see", "seen")  # marks that only judge
_LETTER = 6.6  # width of a letter of the labels
_ROWS = 4  # of labels above the chart


@dataclass(frozen=True)
class _Scale:
    seconds: float

    def x(self, at_seconds: float) -> float:
        share = min(max(at_seconds / self.seconds, 0.0), 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def draw(result: Result, title: str) -> str:
    """The picture as SVG text; `title` says what was done."""
    scale = _Scale(max(result.seconds, BIN_SECONDS))
    versions = sorted(result.versions)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 20, title, size=15, weight="bold"),
        *_legend(result, versions),
        *_answers(result, versions, scale),
        *_failures(result, scale),
        *_axis(scale),
        *_moments(result, scale),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _legend(result: Result, versions: list[str]) -> list[str]:
    parts, x = [], float(LEFT)
    entries = [(VERSION_COLORS[i % 5], f"{v} ({result.versions[v]:,} answers)") for i, v in enumerate(versions)]
    entries.append((FAILED_COLOR, f"failed ({result.failed:,} of {result.requests:,} requests)"))
    for color, words in entries:
        parts += [f'<rect x="{x}" y="29" width="11" height="11" fill="{color}"/>', _text(x + 16, 39, words)]
        x += 34 + len(words) * _LETTER
    return parts


def _answers(result: Result, versions: list[str], scale: _Scale) -> list[str]:
    counts = Counter((int(answer.at_seconds / BIN_SECONDS), answer.version) for answer in result.answers)
    sums = Counter[int]()
    for (place, _), count in counts.items():
        sums[place] += count
    highest = max([*sums.values(), result.rate_per_second * BIN_SECONDS])
    top, bottom = ANSWERS
    parts = []
    for place in sorted(sums):
        base = float(bottom)
        left, right = scale.x(place * BIN_SECONDS), scale.x((place + 1) * BIN_SECONDS)
        for number, version in enumerate(versions):
            if count := counts[place, version]:
                height = round(count / highest * (bottom - top), 1)
                base = round(base - height, 1)
                fill = VERSION_COLORS[number % 5]
                parts.append(
                    f'<rect x="{left}" y="{base}" width="{right - left:.1f}" height="{height}" fill="{fill}"/>'
                )
    per_second = round(highest / BIN_SECONDS)
    parts += [_text(LEFT - 8, top + 10, f"{per_second}/s", anchor="end"), _text(LEFT - 8, bottom, "0", anchor="end")]
    parts.append(_text(LEFT - 8, (top + bottom) / 2 + 4, "answers", anchor="end"))
    return parts


def _failures(result: Result, scale: _Scale) -> list[str]:
    counts = Counter(int(failure.at_seconds / BIN_SECONDS) for failure in result.failures)
    top, bottom = FAILURES
    highest = max([*counts.values(), 5])
    parts = [_text(LEFT - 8, (top + bottom) / 2 + 4, "failed", anchor="end")]
    for place, count in sorted(counts.items()):
        left, width = (
            scale.x(place * BIN_SECONDS),
            max(4.0, scale.x((place + 1) * BIN_SECONDS) - scale.x(place * BIN_SECONDS)),
        )
        height = max(3.0, round(count / highest * (bottom - top), 1))
        parts.append(
            f'<rect x="{left}" y="{bottom - height}" width="{width:.1f}" height="{height}" fill="{FAILED_COLOR}"/>'
        )
    if not counts:
        parts.append(
            _text((LEFT + WIDTH - RIGHT) / 2, (top + bottom) / 2 + 4, "none", color="#999999", anchor="middle")
        )
    return parts


def _axis(scale: _Scale) -> list[str]:
    step = next(one for one in (1, 2, 5, 10, 20, 60, 120, 300) if scale.seconds / one <= 15)
    parts = [
        f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#bbbbbb"/>'
        for y in (ANSWERS[1], FAILURES[1])
    ]
    for tick in range(0, int(scale.seconds) + 1, step):
        words = f"{tick} s"
        parts.append(_text(scale.x(tick), FAILURES[1] + 18, words, color="#555555", anchor="middle"))
    return parts


def _moments(result: Result, scale: _Scale) -> list[str]:
    """A line and a label each; labels that would meet go to another row."""
    parts, free = [], [0.0] * _ROWS
    for name, at in sorted(result.marks.items(), key=lambda mark: mark[1]):
        words = name.partition(" ")[2]
        if words in _QUIET:
            continue
        x, width = scale.x(at), len(words) * _LETTER
        left = min(x, WIDTH - RIGHT - width)
        row = next((row for row in range(_ROWS) if free[row] <= left), None)
        place = f'x1="{x}" y1="{ANSWERS[0] - 6}" x2="{x}" y2="{FAILURES[1]}"'
        parts.append(f'<line {place} stroke="#333333" stroke-dasharray="4 3"/>')
        if row is None:
            continue  # more moments than words fit: their lines tell
        free[row] = left + width + 8
        y = 56 + row * 14
        parts += [
            _text(left + 3, y, words),
            f'<line x1="{x}" y1="{y - 9}" x2="{x}" y2="{ANSWERS[0] - 6}" stroke="#bbbbbb"/>',
        ]
    return parts


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    weight: str = "normal",
    color: str = "#222222",
    anchor: str = "start",
) -> str:
    style = f'font-size="{size}" font-weight="{weight}" fill="{color}" text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}" {style}>{escape(words)}</text>'
