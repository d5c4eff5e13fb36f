"""A JSON patch of `test`, `add`, `replace` and `remove`, carried out as the API server does it."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any


def patched(whole: Mapping[str, Any], operations: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The object after the operations; None where a `test` of them does not hold."""
    made = copy.deepcopy(dict(whole))
    for one in operations:
        *way, last = one["path"].strip("/").split("/")
        at: Any = made
        for part in way:
            at = at[int(part)] if isinstance(at, list) else at[part]
        key: Any = int(last) if isinstance(at, list) else last
        if one["op"] == "test":
            if at[key] != one["value"]:
                return None
        elif one["op"] == "remove":
            del at[key]
        elif one["op"] == "add" and isinstance(at, list):
            at.insert(key, one["value"])
        else:
            assert one["op"] == "add" or key in at or isinstance(at, list), one
            at[key] = one["value"]
    return made
