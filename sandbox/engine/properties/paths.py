"""Property paths such as `spec.template.spec.containers[0].image` or `metadata.annotations["a.b/c"]`.

`ignoreChanges` and `replaceOnChanges` name them with `[*]` and `*` as wildcards.
"""

import copy
import re
from typing import Any

Path = tuple[str | int, ...]
_PART = re.compile(r"""\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\[(\*)\]|([^.\[\]]+)""")


def parse(text: str) -> Path:
    """Split a path; indexes become ints and a wildcard stays `*`."""
    parts: list[str | int] = []
    for quoted, index, star, name in _PART.findall(text):
        if index:
            parts.append(int(index))
        else:
            parts.append(star or name or quoted.replace('\\"', '"'))
    return tuple(parts)


def render(path: Path) -> str:
    """Write a path the way the engine prints it."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.search(r"[.\"\[\]]", part):
            text += '["' + part.replace('"', '\\"') + '"]'
        else:
            text += f".{part}" if text else part
    return text


def contains(pattern: Path, path: Path) -> bool:
    """Whether `path` is at or below `pattern`; `*` stands for any one part."""
    return len(pattern) <= len(path) and all(a in ("*", b) for a, b in zip(pattern, path, strict=False))


def get(value: Any, path: Path) -> tuple[bool, Any]:
    """Look a path up: (found, value)."""
    for part in path:
        if isinstance(value, dict):
            inside = part in value
        else:
            inside = isinstance(value, list) and isinstance(part, int) and part < len(value)
        if not inside:
            return False, None
        value = value[part]
    return True, value


def restore(new: dict[str, Any], old: dict[str, Any], patterns: list[str]) -> dict[str, Any]:
    """Copy `new` with what lies at the ignored paths taken from `old` (removed where `old` has nothing)."""
    if not patterns:
        return new
    result = copy.deepcopy(new)
    for pattern in patterns:
        path = parse(pattern)
        # `*` and a path below something the two sides do not share have nothing to restore at.
        for one in {*_expand(result, path), *_expand(old, path)}:
            found, value = get(old, one)
            _put(result, one, found, copy.deepcopy(value))
    return result


def _expand(value: Any, path: Path, at: Path = ()) -> list[Path]:
    if not path:
        return [at]
    head, rest = path[0], path[1:]
    if head != "*":
        found, item = get(value, (head,))
        return _expand(item, rest, (*at, head)) if found else []
    keys: list[str | int] = list(value) if isinstance(value, dict) else []
    keys += range(len(value)) if isinstance(value, list) else []
    return [one for key in keys for one in _expand(get(value, (key,))[1], rest, (*at, key))]


def _put(target: Any, path: Path, found: bool, value: Any) -> None:
    *above, last = path
    for part in above:
        inner = get(target, (part,))
        if not inner[0]:
            if not (found and isinstance(target, dict) and isinstance(part, str)):
                return
            target[part] = {}
        target = target[part]
    if isinstance(target, dict) and isinstance(last, str):
        if found:
            target[last] = value
        else:
            target.pop(last, None)
    elif isinstance(target, list) and isinstance(last, int):
        if found and last < len(target):
            target[last] = value
        elif found and last == len(target):
            target.append(value)
        elif not found and last < len(target):
            del target[last]
