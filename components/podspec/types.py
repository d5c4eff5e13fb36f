"""The types of a pod template and of a service's other objects, from `types.json` (see `generate`)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("types.json")
ROOT = "PodTemplateSpec"
ADDED = "*"
"""The merge key of a list whose values are added up."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of a field's value. `name` is a type, or one of the plain words of `components.podspec.generate`.

    `form` is `one`, `list` or `mapping`; `key` is what the entries of a list are merged by, empty where the list is
    replaced as a whole; `words` are the only texts that Kubernetes knows there, where it knows only some.
    """

    name: str
    form: str = "one"
    key: str = ""
    words: tuple[str, ...] = ()

    @property
    def inner(self) -> "Kind":
        """The kind of one entry of the list or of the mapping."""
        return Kind(self.name, words=self.words)


@cache
def version() -> str:
    """The version of Kubernetes that the types are of: `v1.36`."""
    return str(_document()["kubernetes"])


@cache
def types() -> Mapping[str, Mapping[str, Kind]]:
    """Type -> field -> what it holds."""
    document = _document()["types"]
    assert isinstance(document, dict)  # noqa: S101 - our own file
    return {name: {field: parsed(text) for field, text in fields.items()} for name, fields in document.items()}


def parsed(text: str) -> Kind:
    """A kind as `types.json` writes it."""
    if text.startswith("["):
        inner, _, key = text[1:].rpartition("]")
        return _with(parsed(inner), "list", key)
    if text.startswith("{"):
        return _with(parsed(text[1:-1]), "mapping", "")
    name, _, words = text.partition(":")
    return Kind(name, words=tuple(words.split("|")) if words else ())


def is_type(kind: Kind) -> bool:
    """Whether it names a type, and no plain value."""
    return kind.name[0].isupper()


def _with(kind: Kind, form: str, key: str) -> Kind:
    return Kind(kind.name, form, key, kind.words)


@cache
def _document() -> dict[str, object]:
    found: dict[str, object] = json.loads(FILE.read_text())
    return found
