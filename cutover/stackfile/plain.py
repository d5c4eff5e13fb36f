"""Plain words of YAML as the engine takes them: text, number, truth, date or nothing. Pure.

The rules are those of Go's yaml.v3, with which the engine reads its files: YAML 1.2, and what 1.1 had of numbers and
dates (https://pkg.go.dev/gopkg.in/yaml.v3, resolve.go). tests/unit/cutover/test_plain.py asks the engine itself.
"""

import math
import re
from datetime import datetime

CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INFINITE = {f"{sign}.{word}" for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")} | {".nan", ".NaN", ".NAN"}
_INT = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:(?P<by>[Tt ])(?P<hour>\d\d?):(?P<minute>\d\d?):(?P<second>\d\d?)(?:[.,](?P<part>\d+))?"
    r"(?P<zone>Z|[-+]\d\d:\d\d)?)?",
    re.ASCII,
)
_LEAST, _MOST = -(2**63), 2**64 - 1
_LONGEST = 1000  # signs of a number: 64 bits need fewer than a tenth


class Number(float):
    """A number with a point, that is shown as it is written: `2024.10` is not `2024.1`."""

    written: str

    def __new__(cls, value: float, written: str) -> "Number":
        """The number and its text."""
        made = super().__new__(cls, value)
        made.written = written
        return made

    def __str__(self) -> str:
        return self.written


class Whole(int):
    """A whole number that is written in another way than it is shown: `007`, `0x10`."""

    written: str

    def __new__(cls, value: int, written: str) -> "Whole":
        """The number and its text."""
        made = super().__new__(cls, value)
        made.written = written
        return made


def value_of(word: str) -> object:
    """The value of a plain word. Raises ValueError for an infinite number, with which the engine refuses the file."""
    if word in CONSTANTS:
        return CONSTANTS[word]
    if word in _INFINITE:
        raise ValueError("an infinite number, or none")
    if word[0] == ".":
        return Number(float(word), word) if _FLOAT.fullmatch(word) and math.isfinite(float(word)) else word
    if word[0] not in "+-0123456789":
        return word
    if date := _DATE.fullmatch(word):
        return _shown(date) or word
    return _number(word)


def _number(word: str) -> object:
    digits = word.replace("_", "")
    if len(digits) > _LONGEST:
        return word
    if found := _INT.fullmatch(digits):
        sign, *bases = found.groups()
        read = next(int(text, base) for text, base in zip(bases, (16, 2, 8, 10), strict=True) if text is not None)
        whole = -read if sign == "-" else read
        if _LEAST <= whole <= (_MOST if sign == "" else 2**63 - 1):
            return whole if str(whole) == word else Whole(whole, word)
    if _FLOAT.fullmatch(digits) and math.isfinite(float(digits)):
        return Number(float(digits), word)
    return word


def _shown(date: re.Match[str]) -> str | None:
    """A date as the engine hands it on, which is how Go prints it; None where there is no such day or hour."""
    if (date["by"] == " " and date["zone"]) or (date["by"] in ("T", "t") and not date["zone"]):
        return None
    year = int(date["year"])
    hour, minute, second = (int(date[part] or 0) for part in ("hour", "minute", "second"))
    try:
        made = datetime(year or 2000, int(date["month"]), int(date["day"]), hour, minute, second)  # noqa: DTZ001 - its zone follows
        zone = _zone(date["zone"])
    except ValueError:
        return None
    part = (date["part"] or "")[:9].rstrip("0")
    named = f"{zone} UTC" if zone == "+0000" else f"{zone} {zone}"
    return f"{year:04}-{made:%m-%d %H:%M:%S}{'.' if part else ''}{part} {named}"


def _zone(text: str | None) -> str:
    if not text or text == "Z":
        return "+0000"
    hours, minutes = int(text[1:3]), int(text[4:])
    if hours > 24 or minutes > 60:
        raise ValueError("no such zone")
    away = hours * 60 + minutes
    return f"{text[0] if away else '+'}{away // 60:02}{away % 60:02}"
