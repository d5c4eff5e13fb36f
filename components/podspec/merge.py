"""Kubernetes' strategic merge of a fragment over an object, as `kubectl patch --type=strategic` does it.

Mappings are merged field by field; `null` removes a field. A list is replaced as a whole, but for those that Kubernetes
merges entry by entry, each by a key of its own (`containers` by `name`, `volumeMounts` by `mountPath`). An entry with
`$patch: delete` takes the one of its key away; an entry `$patch: replace` makes the fragment's list the whole list.
The order of a merged list is Kubernetes' too: an entry that only the fragment has comes before those of the template,
unless the fragment names these as well, in the order that is meant.

Source: k8s.io/apimachinery, pkg/util/strategicpatch/patch.go.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from components.podspec.types import ADDED, ROOT, Kind, is_type, types

DIRECTIVE = "$patch"


def merged(template: Mapping[str, Any], fragment: Mapping[str, Any], kind: str = ROOT) -> dict[str, Any]:
    """The template with the fragment over it; neither is changed. Both must have passed `check.findings`."""
    fields = types()[kind]
    directive = fragment.get(DIRECTIVE)
    if directive is not None:
        rest = {name: value for name, value in fragment.items() if name != DIRECTIVE}
        return _plain(rest) if directive == "replace" else {}
    made = dict(template)
    for name, value in fragment.items():
        if value is None:
            made.pop(name, None)
        elif name in made:
            made[name] = _field(fields[name], made[name], value)
        else:
            found = _plain(value)
            if found is not None:
                made[name] = found
    return made


def _field(kind: Kind, old: Any, new: Any) -> Any:
    if kind.form == "list" and kind.key:
        return _values(old, new) if kind.key == ADDED else _entries(kind, old, new)
    if kind.form == "mapping" and isinstance(old, Mapping):
        if DIRECTIVE in new:
            rest = {name: value for name, value in new.items() if name != DIRECTIVE}
            return _plain(rest) if new[DIRECTIVE] == "replace" else {}
        kept = {name: value for name, value in old.items() if name not in new}
        return kept | {name: value for name, value in new.items() if value is not None}
    if kind.form == "one" and is_type(kind) and isinstance(old, Mapping):
        return merged(old, new, kind.name)
    return _plain(new)


def _values(old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    return list(dict.fromkeys([*old, *new]))


def _entries(kind: Kind, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[Any]:
    if any(entry.get(DIRECTIVE) == "replace" for entry in new):
        return _plain([entry for entry in new if DIRECTIVE not in entry]) or []
    gone = {entry[kind.key] for entry in new if entry.get(DIRECTIVE) == "delete"}
    there = [entry for entry in old if entry[kind.key] not in gone]
    patched = {entry[kind.key]: entry for entry in new if DIRECTIVE not in entry}
    place = {entry[kind.key]: number for number, entry in reversed(list(enumerate(there)))}
    mine = [
        merged(there[place[key]], entry, kind.name) if key in place else _plain(entry) for key, entry in patched.items()
    ]
    # Entries that only the template has keep their places before those of the fragment that were behind them.
    rest = [entry for entry in there if entry[kind.key] not in patched]
    made: list[Any] = []
    while rest and mine:
        behind = place.get(mine[0][kind.key], -1)
        made.append(rest.pop(0) if place[rest[0][kind.key]] < behind else mine.pop(0))
    return [*made, *mine, *rest]


def _plain(value: Any) -> Any:
    """What is new, without `null` and without directives; None where it is one itself."""
    if isinstance(value, Mapping):
        if DIRECTIVE in value:
            return None
        items = {name: _plain(inner) for name, inner in value.items()}
        return {name: inner for name, inner in items.items() if inner is not None}
    if isinstance(value, list | tuple):
        inner = (_plain(entry) for entry in value)
        return [entry for entry in inner if entry is not None]
    return copy.copy(value)
