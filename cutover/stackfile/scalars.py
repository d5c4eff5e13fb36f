"""Values as YAML text that reads back as itself, under YAML 1.1 and for the engine, in block and in flow style."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from cutover.stackfile.reader import is_text

_SAFE = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./@+-]*(?::[A-Za-z0-9_./@+-]+)*")
_OLD = yaml.resolver.Resolver()
LONGEST = 120  # of a list of mappings on one line
_TEXT = "tag:yaml.org,2002:str"


def scalar(value: object, style: str | None = None) -> str:
    """A scalar; text in the quotes of `style` where they can hold it, else plain where that is safe."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if not isinstance(value, str):
        return str(value)
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and _SAFE.fullmatch(value) and _is_text(value):
        return value
    return '"' + "".join(map(_character, value)) + '"'


def _key(key: object) -> str:
    """A key; `<<` merges in quotes, too, but not with a tag."""
    return '!!str "<<"' if key == "<<" else scalar(key)


def flow(value: Any) -> str:
    """Any value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    return scalar(value)


def block(value: Mapping[str, Any], column: int, step: int) -> list[str]:
    """A mapping as lines, its keys at `column`, nested ones `step` further in."""
    lines = []
    for key, inner in value.items():
        head = " " * column + f"{_key(key)}:"
        if isinstance(inner, Mapping) and inner:
            lines += [head, *block(inner, column + step, step)]
        elif len(line := f"{head} {flow(inner)}") > LONGEST and _holds_mappings(inner):
            lines += [head, *_entries(inner, column + step, step)]
        else:
            lines.append(line)
    return lines


def _holds_mappings(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value)


def _entries(values: Any, column: int, step: int) -> list[str]:
    """A list as lines, each entry on one line where it fits."""
    lines = []
    for one in values:
        line = " " * column + f"- {flow(one)}"
        if len(line) > LONGEST and isinstance(one, Mapping) and one:
            first, *rest = block(one, column + 2, step)
            lines += [" " * column + "- " + first[column + 2 :], *rest]
        else:
            lines.append(line)
    return lines


def _character(character: str) -> str:
    """A character inside double quotes."""
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_text(value: str) -> bool:
    """Whether YAML 1.1 and the engine read the plain word as text, not as a number, a date or a truth value."""
    old: str = _OLD.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return old == _TEXT and is_text(value)
