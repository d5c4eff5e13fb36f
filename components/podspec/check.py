"""The check of a fragment of an object: unknown fields, values of another type, entries without their key.

Values are not shown, as a variable may hold a password; only those of a fixed list are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from components.podspec.merge import DIRECTIVE
from components.podspec.types import ADDED, ROOT, Kind, is_type, types, version
from contract.text import quoted

Path = tuple[str | int, ...]

_QUANTITY = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,3})?")
_WANTED = {
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "quantity": "a quantity, such as 250m or 512Mi",
    "port": "a whole number or text",
    "time": "text",
}
_UNSENT = "the API server would refuse the object, or drop the field without a word"
_DIRECTIVES = ("delete", "replace")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault at one place of a fragment: what is wrong, why it hurts, what to write instead. `merging`: only a fault
    because the list is merged; Kubernetes itself takes it.
    """

    at: Path
    what: str
    why: str
    fix: str
    merging: bool = False


def findings(fragment: Any, kind: str = ROOT, name: str = "pod") -> list[Finding]:
    """Everything that is wrong with a fragment of that type, called `name` in the settings, in its order; none where it
    can be merged.
    """
    return list(_value(Kind(kind), fragment, (), name))


def _value(kind: Kind, value: Any, at: Path, name: str) -> Iterator[Finding]:
    if value is None:  # takes the field away
        return
    if kind.form == "list":
        yield from _list(kind, value, at, name)
    elif kind.form == "mapping":
        yield from _mapping(kind, value, at, name)
    elif is_type(kind):
        yield from _fields(kind, value, at, name)
    elif not _fits(kind.name, value):
        yield _wrong(at, name, value, _WANTED[kind.name])
    elif kind.words and value not in kind.words:
        guess = get_close_matches(str(value), kind.words, n=1, cutoff=0.5)
        fix = f"write {name}: {guess[0]}" if guess else f"write one of: {', '.join(kind.words)}"
        yield Finding(at, f"{name} is {quoted(value)}, it must be {' or '.join(kind.words)}", _UNSENT, fix)


def _fields(kind: Kind, value: Any, at: Path, name: str) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield _wrong(at, name, value, "a mapping of keys to values")
        return
    known = types()[kind.name]
    for field, inner in value.items():
        if field == DIRECTIVE:
            yield from _directive(inner, (*at, field))
        elif field in known:
            yield from _value(known[field], inner, (*at, field), str(field))
        else:
            yield _unknown(kind, field, at)


def _list(kind: Kind, value: Any, at: Path, name: str) -> Iterator[Finding]:
    if not isinstance(value, list | tuple):
        yield _wrong(at, name, value, "a list")
        return
    seen: set[Any] = set()
    whole = any(isinstance(entry, Mapping) and entry.get(DIRECTIVE) == "replace" for entry in value)
    for number, entry in enumerate(value):
        place, called = (*at, number), f"{name}[{number}]"
        if entry is None:
            yield _wrong(place, called, entry, _WANTED.get(kind.name, "a mapping of keys to values"))
            continue
        found = list(_value(kind.inner, entry, place, called))
        yield from found
        if any(not one.merging for one in found) or kind.key in ("", ADDED) or entry.get(DIRECTIVE) == "replace":
            continue
        key = entry.get(kind.key)
        if key is None:
            yield Finding(
                place,
                f"{called} has no {kind.key}",
                f"the entries of {name} are told apart by their {kind.key}: nobody could say which one this is",
                f"add {kind.key}",
            )
        elif key in seen and not whole:
            yield Finding(
                (*place, kind.key),
                f"{kind.key} {quoted(key)} is in {name} twice",
                f"Kubernetes merges the entries of {name} by their {kind.key}, so one of the two would be lost",
                f"remove one; where both are meant, begin the list with `- {DIRECTIVE}: replace`",
                merging=True,
            )
        seen.add(key)


def _mapping(kind: Kind, value: Any, at: Path, name: str) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield _wrong(at, name, value, "a mapping of keys to values")
        return
    for key, inner in value.items():
        if key == DIRECTIVE:
            yield from _directive(inner, (*at, key))
        else:
            yield from _value(kind.inner, inner, (*at, key), str(key).partition("=")[0])


def _directive(value: Any, at: Path) -> Iterator[Finding]:
    if value not in _DIRECTIVES:
        yield Finding(
            at,
            f"{DIRECTIVE} is {quoted(value)}, it must be {' or '.join(_DIRECTIVES)}",
            "nobody could say how the two are put together",
            f"write {DIRECTIVE}: delete to take the entry away, {DIRECTIVE}: replace to take the fragment's as a whole",
        )


def _unknown(kind: Kind, field: Any, at: Path) -> Finding:
    known = types()[kind.name]
    name = str(field).partition("=")[0]
    path = (*at, field if isinstance(field, str | int) else str(field))
    if name.startswith("$"):
        return Finding(
            path,
            f"{name} is a directive that is not known here",
            "how the two are put together would be a guess",
            f"use {DIRECTIVE}: delete or {DIRECTIVE}: replace, or name the entries in the order that is meant",
        )
    folded = {each.lower(): each for each in known}
    guess = folded.get(name.lower().replace("_", "")) or next(iter(get_close_matches(name, known, n=1)), "")
    what = f"{name} is no field of {kind.name} in Kubernetes {version()}"
    if guess:
        return Finding(path, f"{what}; did you mean {guess}?", _UNSENT, f"rename {name} to {guess}")
    return Finding(path, what, _UNSENT, f"remove it; known here: {', '.join(known)}")


def _wrong(at: Path, name: str, value: Any, wanted: str) -> Finding:
    what = f"{name} is {_kind(value)}, {wanted} is wanted"
    if wanted == _WANTED["quantity"] and isinstance(value, str):
        return Finding(at, f"{name} is no quantity", _UNSENT, f"write {wanted}")
    if wanted == "text" and isinstance(value, bool | int | float):
        why = "YAML reads 1.10 as the number 1.1, and 010 or yes as something else again"
        return Finding(at, what, why, f"quote it as it is written: {name.partition('[')[0]}: '…'")
    if isinstance(value, str) and wanted in ("a whole number", "a number", "true or false"):
        return Finding(at, what, _UNSENT, f"write {name} without quotes, as {wanted}")
    if wanted == "a list" and isinstance(value, Mapping):
        return Finding(at, what, _UNSENT, f"write a dash before each entry of {name}")
    return Finding(at, what, _UNSENT, f"write {wanted} for {name}")


def _fits(name: str, value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    number = whole or isinstance(value, float)
    return {
        "text": isinstance(value, str),
        "time": isinstance(value, str),
        "integer": whole,
        "number": number,
        "boolean": isinstance(value, bool),
        "port": whole or isinstance(value, str),
        "quantity": number or (isinstance(value, str) and _QUANTITY.fullmatch(value) is not None),
    }[name]


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    for kind, words in ((bool, "a truth value"), (int | float, "a number"), (str, "text"), (Mapping, "a mapping")):
        if isinstance(value, kind):
            return words
    return "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}"
