"""A JSON patch of `test` and `add`, carried out as the API server does it."""

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
        else:
            assert one["op"] == "add", one
            at[key] = one["value"]
    return made
