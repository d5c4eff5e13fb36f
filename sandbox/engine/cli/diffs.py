"""What changed in a resource, for people: the short form beside its row and the long form of `--diff`."""

import json
from typing import Any

SIGNS = {"add": "+", "delete": "-", "update": "~", "add-replace": "+", "delete-replace": "-", "update-replace": "~"}
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def text(value: Any) -> str:
    """A value on one line; what is known only after the update is `[unknown]`."""
    if value == _UNKNOWN:
        return "[unknown]"
    return json.dumps(value, ensure_ascii=False, sort_keys=True).replace(f'"{_UNKNOWN}"', "[unknown]")


def values(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    """Sign and line for each key of two maps; maps that changed are opened, so that only the difference is marked."""
    lines = []
    keys = sorted({**old, **new})
    width = max((len(key) for key in keys), default=0)
    for key in keys:
        label, before, after = f"{key:<{width}}", old.get(key), new.get(key)
        if key not in new:
            lines.append(("-", f"{label}: {text(before)}"))
        elif key not in old:
            lines.append(("+", f"{label}: {text(after)}"))
        elif before == after:
            lines.append((" ", f"{label}: {text(after)}"))
        elif isinstance(before, dict) and isinstance(after, dict):
            lines.append(("~", f"{label}:"))
            lines += [(sign, f"  {line}") for sign, line in values(before, after)]
        else:
            lines.append(("~", f"{label}: {text(before)} => {text(after)}"))
    return lines


def changes(meta: dict[str, Any]) -> dict[str, str]:
    """Changed paths and their kinds (`add`, `delete`, `update`), from the step's own diff or from its inputs."""
    if not meta.get("old") or not meta.get("new") or meta["op"] == "same":
        return {}
    if meta.get("detailedDiff"):
        return {path: diff.get("diffKind", "update") for path, diff in meta["detailedDiff"].items()}
    old, new = meta["old"].get("inputs") or {}, meta["new"].get("inputs") or {}
    kinds = {}
    for key in {**old, **new}:
        if str(key).startswith("__") or old.get(key) == new.get(key):
            continue
        kinds[str(key)] = "add" if key not in old else "delete" if key not in new else "update"
    return kinds


def short(meta: dict[str, Any]) -> str:
    """`[diff: +labels~spec]`, by top-level property, or an empty text."""
    found: dict[str, str] = {}
    for path, kind in changes(meta).items():
        head = split(path)[0]
        sign = SIGNS.get(kind, "~") if head == path else "~"
        found[head] = sign if found.get(head, sign) == sign else "~"
    grouped = ["".join((sign, ",".join(sorted(k for k, s in found.items() if s == sign)))) for sign in "+-~"]
    joined = "".join(group for group in grouped if len(group) > 1)
    return f"[diff: {joined}]" if joined else ""


def long(meta: dict[str, Any]) -> list[str]:
    """One line per changed path, with the values before and after."""
    lines = []
    old, new = meta.get("old") or {}, meta.get("new") or {}
    for path, kind in sorted(changes(meta).items()):
        before, after = _at(old, path), _at(new, path)
        sign = SIGNS.get(kind, "~")
        values = {"+": text(after), "-": text(before)}.get(sign, f"{text(before)} => {text(after)}")
        replaces = " (replaces)" if kind.endswith("-replace") else ""
        lines.append(f"{sign} {path}: {values}{replaces}")
    return lines


def split(path: str) -> list[str]:
    """The segments of `spec.containers[0].name` or `data["a.b"]`."""
    segments, rest = [], path
    while rest:
        if rest.startswith('["'):
            name, _, rest = rest[2:].partition('"]')
        elif rest.startswith("["):
            name, _, rest = rest[1:].partition("]")
        else:
            end = min((at for at in (rest.find("."), rest.find("[")) if at >= 0), default=len(rest))
            name, rest = rest[:end], rest[end:]
        rest = rest.removeprefix(".")
        segments.append(name)
    return segments or [path]


def _at(row: dict[str, Any], path: str) -> Any:
    """The value at a path of the inputs, or of the outputs if the inputs have none."""
    for source in ("inputs", "outputs"):
        value: Any = row.get(source)
        for segment in split(path):
            if isinstance(value, dict):
                value = value.get(segment)
            elif isinstance(value, list) and segment.isdecimal() and int(segment) < len(value):
                value = value[int(segment)]
            else:
                value = None
        if value is not None:
            return value
    return None
