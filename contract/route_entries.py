"""The entries of a rule of a route: the targets that it sends to, in a route of any kind. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WHOLE = 100


class UnfitRoute(Exception):  # noqa: N818  (named for what was found)
    """A route that the weights cannot be set in: what is wrong, and what mends it."""

    def __init__(self, what: str, fix: str) -> None:
        self.what, self.fix = what, fix
        super().__init__(what)


@dataclass(frozen=True)
class Entry:
    """One entry: the Service of the route's own namespace that it names (empty for anything else), its weight, all of
    it, and where it is, as a JSON pointer.
    """

    service: str
    weight: int
    whole: Mapping[str, Any]
    path: str


def listed(found: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    """The objects of a list, which others have written: nothing where there is none."""
    value = found.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
