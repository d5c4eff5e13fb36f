"""The note of the releases that served: they took the traffic, and their cutover was completed. Pure.

A release that served is a way back: it has to be ready, and is not held to a smoke check that may have been written for
the release after it (docs/adr/0016).
"""

import json
from collections.abc import Mapping

from components.rules.digest import stable_digest

KEPT = 10  # releases; one further back is asked like a new one


def mark(place: str, release: str, image: str, own: Mapping[str, object]) -> str:
    """The mark of a release: of its id, its image and `own`, the settings for it alone. `place` is empty,
    or what a front sends to: one release runs in several.
    """
    return f"{release}/{stable_digest([place, image, own])}"


def with_served(marks: tuple[str, ...], one: str) -> str:
    """The note's text once a release has served too."""
    return json.dumps([*(other for other in marks if other != one), one][-KEPT:], separators=(",", ":"))
