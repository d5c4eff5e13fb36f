"""The passphrase secrets provider, byte for byte the Pulumi CLI's: PBKDF2-HMAC-SHA256 and AES-256-GCM.

A stack's state is `v1:<salt>:v1:<nonce>:<ciphertext of "pulumi">` (all base64), kept as `encryptionsalt` in the stack's
file and in the checkpoint; a value is `v1:<nonce>:<ciphertext>`. The passphrase itself is never stored.
"""

import base64
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from sandbox.engine.backend.errors import EngineError

ROUNDS = 1_000_000
_PROBE = "pulumi"
_HINT = (
    "set PULUMI_CONFIG_PASSPHRASE to the correct passphrase or set PULUMI_CONFIG_PASSPHRASE_FILE "
    "to a file containing the passphrase"
)


def passphrase() -> str | None:
    """The passphrase of the environment, or None; an empty one counts as set."""
    if "PULUMI_CONFIG_PASSPHRASE" in os.environ:
        return os.environ["PULUMI_CONFIG_PASSPHRASE"]
    name = os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if not name:
        return None
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EngineError(f"unable to read PULUMI_CONFIG_PASSPHRASE_FILE: {error}") from error


def _required() -> str:
    phrase = passphrase()
    if phrase is None:
        raise EngineError(
            "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE "
            "environment variables: this stack has, or is to have, encrypted values"
        )
    return phrase


class Crypter:
    """Encrypts and decrypts texts under one key."""

    def __init__(self, phrase: str, salt: bytes) -> None:
        # Imported here because most commands never meet a secret and start-up time counts.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = hashlib.pbkdf2_hmac("sha256", phrase.encode(), salt, ROUNDS, 32)
        self._cipher = AESGCM(key)

    def encrypt(self, text: str) -> str:
        """`v1:<nonce>:<ciphertext>`."""
        nonce = os.urandom(12)
        sealed = self._cipher.encrypt(nonce, text.encode(), None)
        return f"v1:{_b64(nonce)}:{_b64(sealed)}"

    def decrypt(self, text: str) -> str:
        """The plain text; an error if the key is not the one it was encrypted with, or the text is not ours."""
        from cryptography.exceptions import InvalidTag

        version, _, rest = text.partition(":")
        nonce, colon, sealed = rest.partition(":")
        if version != "v1" or not colon:
            raise EngineError("failed to decrypt: bad value, it is not of the form v1:<nonce>:<ciphertext>")
        try:
            return self._cipher.decrypt(_unb64(nonce), _unb64(sealed), None).decode()
        except (InvalidTag, ValueError) as error:
            raise EngineError(f"failed to decrypt: incorrect passphrase, please {_HINT}") from error


def new_state(phrase: str) -> tuple[str, Crypter]:
    """A fresh salt and its crypter."""
    salt = os.urandom(8)
    crypter = Crypter(phrase, salt)
    return f"v1:{_b64(salt)}:{crypter.encrypt(_PROBE)}", crypter


def unlock(state: str, phrase: str) -> Crypter:
    """The crypter of an existing state; an error if the passphrase is not the one that made it."""
    version, _, rest = state.partition(":")
    salt, colon, probe = rest.partition(":")
    if version != "v1" or not colon:
        raise EngineError("encryptionsalt is malformed: it is not v1:<salt>:v1:<nonce>:<ciphertext>")
    crypter = Crypter(phrase, _unb64(salt))
    try:
        right = crypter.decrypt(probe) == _PROBE
    except EngineError:
        right = False
    if not right:
        raise EngineError(f"incorrect passphrase: please {_HINT}")
    return crypter


class SecretsManager:
    """One stack's secrets. The key is derived on first use, as it takes a noticeable part of a second by design."""

    def __init__(self, state: str = "", keep: Callable[[str], None] | None = None) -> None:
        self.state = state  # empty: none yet
        self._keep = keep  # called with the new state when one has to be made
        self._crypter: Crypter | None = None

    def crypter(self) -> Crypter:
        """The crypter; makes and keeps a new salt if the stack has none."""
        if self._crypter is None:
            if self.state:
                self._crypter = unlock(self.state, _required())
            else:
                self.state, self._crypter = new_state(_required())
                if self._keep:
                    self._keep(self.state)
        return self._crypter

    def encrypt(self, text: str) -> str:
        """Encrypt one text."""
        return self.crypter().encrypt(text)

    def decrypt(self, text: str) -> str:
        """Decrypt one text; without a state there is nothing it could have been encrypted with."""
        if not self.state:
            raise EngineError("there is an encrypted value but no encryptionsalt: restore it in Pulumi.<stack>.yaml")
        return self.crypter().decrypt(text)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise EngineError(f"failed to decrypt: bad value ({error})") from error
