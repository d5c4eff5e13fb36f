"""Foreign text, made harmless before it is printed. Pure.

Text from the cluster, git, a registry, a Job or the engine is foreign. Printed as it is, it could move the
cursor, hide or reverse letters, add a line that looks like ours, or give a command to the CI system that reads the log.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from contract.secrets import masked

LENGTH = 300
_LOOKED_AT = 10_000  # of a value of which a line is shown
_MOST_BITS = 4000  # Python refuses to write larger numbers in decimal
_LONGEST = 100_000  # characters that are looked at; what is longer is cut first
_UNKNOWN = "�"
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colors, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\r\n]*(?:\x07|\x1b\\|\x9c)"  # titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"
)
# What GitHub, Azure Pipelines and TeamCity take for a command: `##[…]`, `##vso[…]` anywhere in a line, `::…` at its
# start; and the colors of the Pulumi CLI, `<{%fg 1%}>`.
_COMMAND = re.compile(r"#(?=#\w*\[)|<(?=\{%)")
_SUSPECT = re.compile(r"::|##|<\{%")
_COMMAND_AT_START = re.compile(r"^(\s*):(?=:)")


def one_line(text: object, length: int = LENGTH) -> str:
    """The text as one line of at most `length` printable characters, and `…` where it was cut."""
    if isinstance(text, str) and len(text) <= length and text.isprintable() and not _SUSPECT.search(text):
        return " ".join(text.split())
    line = _shown(" ".join(_ESCAPE.sub("", str(text)[:_LONGEST]).split()))
    return line if len(line) <= length else line[:length].rstrip() + " …"


def printable(text: str) -> str:
    """Text of several lines with every line harmless; their indentation stays. For where text is written out."""
    if text.isprintable() and not _SUSPECT.search(text):
        return text
    plain = _ESCAPE.sub("", text).replace("\r\n", "\n").replace("\t", "    ").replace("\xa0", " ")
    return "\n".join(map(_shown, plain.split("\n")))


def harmless(value: Any) -> Any:
    """Plain data (of JSON) with every text in it, keys too, as one line that is not cut."""
    if isinstance(value, str):
        # A sign is put in before what would be a command, so it may get longer: a note of JSON that is cut is none.
        return value if value.isprintable() and not _SUSPECT.search(value) else one_line(value, 2 * len(value) + 1)
    if isinstance(value, dict):
        return {harmless(key): harmless(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [harmless(inner) for inner in value]
    return value


def finite(value: Any) -> Any:
    """Plain data as JSON can hold it: infinite numbers, and none, as the text that Prometheus has for them."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return value


def _shown(line: str) -> str:
    shown = "".join(sign if sign.isprintable() else _UNKNOWN for sign in line)
    return _COMMAND_AT_START.sub(r"\1: ", _COMMAND.sub(r"\g<0> ", shown))


def quoted(value: object, length: int = 80) -> str:
    """A value as Python writes it, cut and without what looks like a secret; for messages about config."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"a number of {value.bit_length()} bits"
    shown = repr(masked(value[:_LOOKED_AT]) if isinstance(value, str) else value)
    return one_line(shown if isinstance(value, str) else masked(shown[:_LOOKED_AT]), length)


def yaml_fault(error: Exception) -> str:
    """The finding of a YAML parser and its place, without the line that it quotes: that may hold a secret."""
    mark = getattr(error, "problem_mark", None)
    place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
    found = re.split("[\"']", str(getattr(error, "problem", None) or ""), maxsplit=1)[0].strip().removeprefix("but ")
    return one_line(f"{found or 'a fault'}{place}")
