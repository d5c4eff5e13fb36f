"""Secrets inside resource rows: plain in memory, encrypted on the disk, masked on the screen.

In memory `{SIG: SECRET, "value": …}`; in a checkpoint `{SIG: SECRET, "ciphertext": …}`; in an export that shows secrets
`{SIG: SECRET, "plaintext": <JSON>}`.
"""

import json
from typing import Any

from sandbox.engine.backend.secrets import SecretsManager
from sandbox.engine.model import SECRET, SIG

MASK = "[secret]"


def is_secret(value: Any) -> bool:
    """Whether the value is an envelope, in any of its forms."""
    return isinstance(value, dict) and value.get(SIG) == SECRET


def mask(value: Any) -> Any:
    """The value with each secret replaced by `[secret]`."""
    if is_secret(value):
        return MASK
    if isinstance(value, dict):
        return {key: mask(item) for key, item in value.items()}
    return [mask(item) for item in value] if isinstance(value, list) else value


def reveal(value: Any) -> Any:
    """The plain value of something whose secrets are open."""
    if is_secret(value):
        return reveal(value.get("value"))
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    return [reveal(item) for item in value] if isinstance(value, list) else value


def show(value: Any) -> Any:
    """Open envelopes in the form an export with secrets has."""
    if is_secret(value):
        return {SIG: SECRET, "plaintext": json.dumps(reveal(value), separators=(",", ":"))}
    if isinstance(value, dict):
        return {key: show(item) for key, item in value.items()}
    return [show(item) for item in value] if isinstance(value, list) else value


class Sealer:
    """Opens and seals envelopes, and seals an unchanged value at the same place to the same ciphertext.

    That keeps checkpoints stable and saves fast; equal values at different places still look different on the disk.
    """

    def __init__(self, reader: SecretsManager, writer: SecretsManager) -> None:
        self._reader, self._writer = reader, writer
        self._known: dict[tuple[str, str], str] = {}

    def open(self, value: Any, place: str) -> Any:
        """Decrypt what is below `place`."""
        if is_secret(value):
            if "ciphertext" in value:
                plain = self._reader.decrypt(value["ciphertext"])
                if self._reader is self._writer:
                    self._known[place, plain] = value["ciphertext"]
                return {SIG: SECRET, "value": json.loads(plain)}
            return {SIG: SECRET, "value": json.loads(value["plaintext"])} if "plaintext" in value else value
        if isinstance(value, dict):
            return {key: self.open(item, f"{place}\0{key}") for key, item in value.items()}
        if isinstance(value, list):
            return [self.open(item, f"{place}\0{index}") for index, item in enumerate(value)]
        return value

    def seal(self, value: Any, place: str) -> Any:
        """Encrypt what is below `place`."""
        if is_secret(value):
            if "ciphertext" in value:
                return value
            plain = json.dumps(reveal(value), separators=(",", ":"), ensure_ascii=False)
            if (place, plain) not in self._known:
                self._known[place, plain] = self._writer.encrypt(plain)
            return {SIG: SECRET, "ciphertext": self._known[place, plain]}
        if isinstance(value, dict):
            return {key: self.seal(item, f"{place}\0{key}") for key, item in value.items()}
        if isinstance(value, list):
            return [self.seal(item, f"{place}\0{index}") for index, item in enumerate(value)]
        return value
