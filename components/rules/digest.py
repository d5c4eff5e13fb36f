"""Short, stable digests of plain data: the same content gives the same text in every run and on every machine."""

import hashlib
import json
from collections.abc import Mapping, Sequence

_PLAIN_ONLY = "a digest needs plain data (mappings with text keys, lists, text, numbers, booleans, None)"


def short_hash(text: str, length: int = 8) -> str:
    """The first `length` hexadecimal digits of the text's sha256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def stable_digest(data: object, length: int = 10) -> str:
    """Digest of plain data as `length` hexadecimal digits; the order of keys does not matter, that of lists does.

    Raises TypeError for anything that has no one JSON form (objects, sets, NaN, keys that are not text): a digest of
    it would differ from run to run, and every run would roll the pods.
    """
    text = json.dumps(_plain(data), sort_keys=True, separators=(",", ":"))
    return short_hash(text, length)


def _plain(data: object) -> object:
    if isinstance(data, Mapping):
        for key in data:
            if not isinstance(key, str):
                raise TypeError(f"key {key!r}: {_PLAIN_ONLY}")
        return {key: _plain(value) for key, value in data.items()}
    if data is None or isinstance(data, str | bool | int):
        return data
    if isinstance(data, float) and data - data == 0:  # neither infinite nor NaN
        return data
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        return [_plain(item) for item in data]
    raise TypeError(f"{type(data).__name__}: {_PLAIN_ONLY}")
