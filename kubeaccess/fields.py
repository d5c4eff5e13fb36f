"""The fields of one entry of a kubeconfig, each of the type that client-go reads there.

A value of another type is an error that names the field, and never the value, which may be a secret.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from kubeaccess.errors import KubeconfigError

WORDS = {str: "a string", bool: "true or false", list: "a list", dict: "a mapping", int: "a number", float: "a number"}


class Fields:
    """One mapping of the file; `where` is its path, such as `users.admin`."""

    def __init__(self, value: object, where: str) -> None:
        self.where = where
        self._values: Mapping[Any, Any] = of_type(value, dict, where) or {}

    def text(self, key: str) -> str:
        """A string; empty where there is none."""
        found = of_type(self._values.get(key), str, f"{self.where}.{key}") or ""
        if "\0" in found or not is_unicode(found):
            raise KubeconfigError(f"{self.where}.{key} holds characters that no text has")
        return found

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(of_type(self._values.get(key), bool, f"{self.where}.{key}"))

    def data(self, key: str) -> bytes:
        """Bytes, in base64."""
        try:
            return base64.b64decode("".join(self.text(key).split()), validate=True)
        except (binascii.Error, ValueError):
            raise KubeconfigError(f"{self.where}.{key} is not base64") from None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        where = f"{self.where}.{key}"
        items = of_type(self._values.get(key), list, where) or []
        return tuple(of_type(item, str, f"{where}[{place}]") or "" for place, item in enumerate(items))

    def lists(self, key: str) -> dict[str, tuple[str, ...]]:
        """A mapping of lists of strings."""
        found = Fields(self._values.get(key), f"{self.where}.{key}")
        return {of_type(name, str, f"a key of {found.where}"): found.texts(name) for name in found._values}

    def part(self, key: str) -> "Fields | None":
        """A mapping within; None where there is none."""
        value = self._values.get(key)
        return None if value is None else Fields(value, f"{self.where}.{key}")

    def parts(self, key: str) -> "list[Fields]":
        """A list of mappings."""
        where = f"{self.where}.{key}"
        items = of_type(self._values.get(key), list, where) or []
        return [Fields(item, f"{where}[{place}]") for place, item in enumerate(items)]

    def raw(self, key: str) -> Any:
        """The value as it is."""
        return self._values.get(key)


def of_type(value: object, kind: type, where: str) -> Any:
    """The value, which is of this type or None."""
    if value is not None and type(value) is not kind:
        raise KubeconfigError(f"{where} must be {WORDS[kind]}; it is {WORDS.get(type(value), 'something else')}")
    return value


def is_unicode(text: str) -> bool:
    """Whether it can be encoded: YAML and JSON can name half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
