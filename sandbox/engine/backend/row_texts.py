"""The rows' JSON, kept from one save to the next: a step changes one row, and the state has all of the stack's."""

import json
from collections.abc import Iterable

from sandbox.engine.backend.envelopes import Sealer
from sandbox.engine.model import SECRET, Row

COMPACT = (",", ":")

_Known = tuple[bytes, tuple[object, ...]]


class RowTexts:
    """Serializes rows, each once for as long as it has the same values.

    The same are the very same objects, not equal ones: `1`, `1.0` and `True` are equal and read otherwise. So a value
    that is part of a row must be replaced where it is to change, and never be changed in its inside.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        # With each text the values that it is of: an object that is kept has its `id` for itself.
        self._known: dict[tuple[object, ...], _Known] = {}

    def of(self, rows: Iterable[Row]) -> list[bytes]:
        """The rows' texts, in order. What is none of these rows is forgotten."""
        before, self._known = self._known, {}
        return [self._text(row, before) for row in rows]

    def _text(self, row: Row, before: dict[tuple[object, ...], _Known]) -> bytes:
        values = tuple(row.values())
        key = (*row, *map(id, values))
        known = before.get(key) or self._known.get(key) or (self._serialized(row), values)
        self._known[key] = known
        return known[0]

    def _serialized(self, row: Row) -> bytes:
        text = json.dumps(row, separators=COMPACT, ensure_ascii=False)
        if SECRET in text:  # most rows hold no secret, and then there is nothing to walk through
            text = json.dumps(self._sealer.seal(row, place(row)), separators=COMPACT, ensure_ascii=False)
        return text.encode()


def place(row: Row) -> str:
    """Where a row's secrets stand, for the sealer."""
    return f"{row.get('urn')}\0{row.get('id')}"
