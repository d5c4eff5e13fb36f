"""The labels and annotations that the author of an object gave it, without those of tools. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

_NOTED = ("kubectl.kubernetes.io/last-applied-configuration",)


def own(entries: Mapping[str, Any] | None, ours: Iterable[str]) -> dict[str, Any]:
    """Labels or annotations without those that the program gives itself, or that kubectl noted."""
    return {
        key: value for key, value in (entries or {}).items() if not key.startswith(tuple(ours)) and key not in _NOTED
    }
