"""Configuration keys and the paths inside their values, with the Pulumi CLI's rules.

`services.storefront.active`, `ports[0].name`, `["a.b"].c`: a bare name ends at the next `.` or `[`, a quoted one may
hold anything. Values set through a path become booleans and integers where they look like it; others stay text.
"""

from typing import Any

from sandbox.engine.backend.errors import EngineError

Path = list[str | int]


def parse_key(text: str, project: str, *, path: bool = False) -> tuple[str, str]:
    """Namespace and name of a key as the user gave it; the project is the default namespace.

    With `path`, only the first segment is a key: the rest may hold colons of its own.
    """
    if path:
        end = min((at for at in (text.find("["), text.find(".")) if at > 0), default=0)
        if end:
            namespace, name = parse_key(text[:end], project)
            return namespace, name + text[end:]
    parts = text.split(":")
    if len(parts) == 1:
        return project, text
    if len(parts) == 2:
        return parts[0], parts[1]
    if len(parts) == 3 and parts[1] == "config":
        return parts[0], parts[2]
    raise EngineError(
        f"invalid configuration key: could not parse {text} as a configuration key "
        "(configuration keys should be of the form `<namespace>:<name>`)"
    )


def parse_path(text: str) -> Path:
    """The segments of a path: names as text, list positions as numbers."""
    segments: Path = []
    if text.startswith("."):
        raise _invalid(text, "expected property path to start with a name or index")
    at = 0
    while at < len(text):
        if text[at] == ".":
            at += 1
            if at == len(text):
                raise _invalid(text, "expected property path to end with a name or index")
            if text[at] == "[":
                raise _invalid(text, "expected property name after '.'")
        if text[at] == "[":
            segment, at = _index(text, at)
        else:
            end = next((i for i in range(at, len(text)) if text[i] in ".["), len(text))
            segment, at = text[at:end], end
        segments.append(segment)
    if not segments or not isinstance(segments[0], str) or not segments[0]:
        raise _invalid(text, "its first segment must be a name")
    return segments


def _index(text: str, at: int) -> tuple[str | int, int]:
    """The segment in brackets at `at`, and where the text goes on after it."""
    if text[at + 1 : at + 2] == '"':
        name, i = "", at + 2
        while i < len(text) and text[i] != '"':
            if text[i] == "\\" and text[i + 1 : i + 2] == '"':
                i += 1
            name, i = name + text[i], i + 1
        if i >= len(text):
            raise _invalid(text, "missing closing quote in property name")
        if text[i + 1 : i + 2] != "]":
            raise _invalid(text, "missing closing bracket in property access")
        return name, i + 2
    end = text.find("]", at)
    if end < 0:
        raise _invalid(text, "missing closing bracket in array index")
    inner = text[at + 1 : end]
    if inner == "*":
        return "*", end + 1
    if not inner.lstrip("+-").isdecimal() or not inner.isascii():
        raise _invalid(text, f"invalid array index {inner!r}")
    return int(inner), end + 1


def _invalid(text: str, why: str) -> EngineError:
    return EngineError(f"invalid config key path: {why} in {text!r}")


def coerce(text: str) -> Any:
    """A value set through a path: `true` and `false` are booleans, integers without a leading zero are numbers."""
    if text in ("true", "false"):
        return text == "true"
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isascii() or not digits.isdecimal() or (len(text) > 1 and text[0] == "0"):
        return text
    number = int(text)
    return number if -(2**63) <= number < 2**64 else text


def get(value: Any, path: Path) -> tuple[bool, Any]:
    """Whether there is something at the path, and what."""
    for segment in path:
        if not _holds(value, segment):
            return False, None
        value = value[segment]
    return True, value


def _holds(value: Any, segment: str | int) -> bool:
    if isinstance(value, dict) and isinstance(segment, str):
        return segment in value and not is_secure(value)
    return isinstance(value, list) and isinstance(segment, int) and 0 <= segment < len(value)


def put(value: Any, path: Path, new: Any, *, top: bool = True) -> Any:
    """The value with `new` at the path; containers are made on the way. What it was given is changed in place."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if value is None or (top and (not isinstance(value, dict | list) or is_secure(value))):
        value = [None] * (head + 1) if isinstance(head, int) and head >= 0 else {}
    if isinstance(value, list):
        if not isinstance(head, int):
            raise EngineError(f"could not set config: key for an array must be an int, not {head!r}")
        if not 0 <= head <= len(value):
            raise EngineError(f"could not set config: array index {head} out of range, the list has {len(value)} items")
        if head == len(value):
            value.append(None)
        value[head] = put(value[head], rest, new, top=False)
        return value
    if not isinstance(value, dict) or is_secure(value):
        raise EngineError(f"could not set config: {head!r} expects {'an array' if isinstance(head, int) else 'a map'}")
    if not isinstance(head, str):
        raise EngineError(f"could not set config: key for a map must be a string, not {head!r}")
    if not rest and not value and head == "secure" and isinstance(new, str):
        raise EngineError('could not set config: maps with the single key "secure" are reserved')
    value[head] = put(value.get(head), rest, new, top=False)
    return value


def remove(value: Any, path: Path) -> None:
    """Remove what is at the path, if it is there."""
    found, holder = get(value, path[:-1])
    last = path[-1]
    if not found or is_secure(holder):
        return
    if isinstance(holder, dict) and last in holder:
        left = {key: item for key, item in holder.items() if key != last}
        if is_secure(left):
            raise EngineError('maps with the single key "secure" are reserved: remove the map itself')
        del holder[last]
    elif isinstance(holder, list) and isinstance(last, int) and _holds(holder, last):
        del holder[last]


def is_secure(value: Any) -> bool:
    """Whether the value is an encrypted text, `{secure: <ciphertext>}`."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("secure"), str)
