"""What changed between two values, path by path, and what the change means for the resource."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.engine.properties import paths

Kind = Literal["add", "delete", "update"]
_INVERSE: dict[Kind, Kind] = {"add": "delete", "delete": "add", "update": "update"}


@dataclass
class Diff:
    """A resource's changes; `replace_paths` are those that need a new object."""

    changes: dict[str, Kind] = field(default_factory=dict)
    replace_paths: list[str] = field(default_factory=list)
    delete_before_replace: bool = False

    @property
    def changed(self) -> bool:
        """Whether the resource differs at all."""
        return bool(self.changes or self.replace_paths)

    def replace_on(self, patterns: list[str], init_errors: bool) -> None:
        """Turn changes at the given paths into a replacement; an unready resource counts as changed at `*`."""
        wanted = [paths.parse(pattern) for pattern in patterns]
        for path in self.changes:
            if path not in self.replace_paths and any(paths.contains(one, paths.parse(path)) for one in wanted):
                self.replace_paths.append(path)
        if init_errors and ("*",) in wanted:
            self.replace_paths.append("#initerror")

    def inverted(self) -> "Diff":
        """The same changes seen from the other side, as a refresh reports them."""
        return Diff({path: _INVERSE[kind] for path, kind in self.changes.items()})

    def detailed(self) -> dict[str, dict[str, Any]]:
        """The event's `detailedDiff`."""
        detail: dict[str, dict[str, Any]] = {}
        for path in {**self.changes, **dict.fromkeys(self.replace_paths)}:
            kind = self.changes.get(path, "update")
            replacing = "-replace" if path in self.replace_paths else ""
            detail[path] = {"diffKind": kind + replacing, "inputDiff": kind == "delete"}
        return detail


def compare(old: Any, new: Any, at: paths.Path = ()) -> Iterator[tuple[paths.Path, Kind]]:
    """Walk two values; dicts by key, lists by index, everything else by equality (1 equals 1.0, but not True)."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            if key not in new:
                yield (*at, key), "delete"
            elif key not in old:
                yield (*at, key), "add"
            else:
                yield from compare(old[key], new[key], (*at, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            if index >= len(new):
                yield (*at, index), "delete"
            elif index >= len(old):
                yield (*at, index), "add"
            else:
                yield from compare(old[index], new[index], (*at, index))
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield at, "update"


def prune(live: Any, shape: Any) -> Any:
    """Keep of `live` only what `shape` also has, so that what the server filled in is no difference.

    A list keeps as many items as the shape has.
    """
    if isinstance(live, dict) and isinstance(shape, dict):
        return {key: prune(value, shape[key]) for key, value in live.items() if key in shape}
    if isinstance(live, list) and isinstance(shape, list):
        if live and shape and type(live[0]) is not type(shape[0]):
            return live
        return [prune(item, want) for item, want in zip(live, shape, strict=False)]
    return live
