"""The fragment that makes one pod template of another: what `merged` needs to give the wanted one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from components.podspec.merge import DIRECTIVE, merged
from components.podspec.types import ADDED, ROOT, Kind, is_type, types


def fragment_of(template: Mapping[str, Any], wanted: Mapping[str, Any], kind: str = ROOT) -> dict[str, Any]:
    """The smallest fragment of this form: fields that are gone are `null`, lists that Kubernetes merges name only the
    entries that differ or that say the order. Neither may hold `null`.
    """
    fields = types()[kind]
    made: dict[str, Any] = {name: None for name in template if name not in wanted}
    for name, value in wanted.items():
        if name not in template:
            made[name] = _new(fields[name], value)
        elif template[name] != value:
            made[name] = _field(fields[name], template[name], value)
    return made


def _field(kind: Kind, old: Any, new: Any) -> Any:
    if kind.form == "list" and kind.key not in ("", ADDED):
        return _entries(kind, old, new)
    if kind.form == "mapping":
        gone = dict.fromkeys(key for key in old if key not in new)
        return gone | {key: value for key, value in new.items() if key not in old or old[key] != value}
    if kind.form == "one" and is_type(kind):
        return fragment_of(old, new, kind.name)
    return new


def _entries(kind: Kind, old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    before, after = (Counter(entry[kind.key] for entry in entries) for entries in (old, new))
    if max([0, *before.values(), *after.values()]) > 1:  # two of one key: no entry can be told from the other
        return [{DIRECTIVE: "replace"}, *(_new(kind.inner, one) for one in new)]
    there = {entry[kind.key]: entry for entry in old}
    gone = [{DIRECTIVE: "delete", kind.key: key} for key in there if key not in after]
    named = [
        _entry(kind, there[one[kind.key]], one) if one[kind.key] in there else _new(kind.inner, one) for one in new
    ]
    changed = [entry for entry in named if len(entry) > 1 or entry[kind.key] not in there]
    short = [*gone, *changed]
    return short if _gives(kind, old, short, new) else [*gone, *named]


def _new(kind: Kind, value: Any) -> Any:
    """What the other has nothing of: as it is, but that a list with two of one key says that it is the whole list."""
    if kind.form == "list" and isinstance(value, list | tuple):
        entries = [_new(kind.inner, one) for one in value]
        keys = [one.get(kind.key) for one in value] if kind.key not in ("", ADDED) else []
        return entries if len(set(keys)) == len(keys) else [{DIRECTIVE: "replace"}, *entries]
    if kind.form == "one" and is_type(kind) and isinstance(value, Mapping):
        fields = types()[kind.name]
        return {name: _new(fields[name], inner) if name in fields else inner for name, inner in value.items()}
    return value


def _entry(kind: Kind, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {kind.key: new[kind.key], **fragment_of(old, new, kind.name)}


def _gives(kind: Kind, old: Sequence[Any], patch: Sequence[Any], new: Sequence[Any]) -> bool:
    """Whether the patch of a list gives the new one, its order included."""
    owner, field = _owner_of(kind)
    return merged({field: old}, {field: patch}, owner).get(field) == list(new)


@cache
def _owner_of(kind: Kind) -> tuple[str, str]:
    """A type and its field that hold such a list."""
    return next((name, field) for name, fields in types().items() for field, one in fields.items() if one == kind)
