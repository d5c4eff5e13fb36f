"""A stack's configuration file, `Pulumi.<stack>.yaml`: reading, changing and resolving it."""

import json
from pathlib import Path
from typing import Any

from sandbox.engine.backend import yaml_file
from sandbox.engine.backend.errors import EngineError
from sandbox.engine.backend.files import write_durably
from sandbox.engine.backend.project import Project
from sandbox.engine.backend.secrets import SecretsManager
from sandbox.engine.cli import config_path, yaml_edit
from sandbox.engine.cli.config_path import is_secure

Values = dict[str, Any]  # "namespace:name" -> value as written, encrypted texts as {secure: <ciphertext>}


class StackFile:
    """One stack's file. Changes are made in memory and written by `save`."""

    def __init__(self, path: Path, project: Project) -> None:
        self.path, self.project = path, project
        data = yaml_file.load(path)
        if data is not None and not isinstance(data, dict):
            raise EngineError(f"{path} is not a stack file: its top level must be a map with `config:`")
        self._data: dict[str, Any] = data or {}
        if not isinstance(self._data.get("config") or {}, dict):
            raise EngineError(f"{path}: `config` must be a map of keys and values")
        provider = self._data.get("secretsprovider") or "passphrase"
        if provider not in ("passphrase", "default"):
            raise EngineError(
                f"{path} names the secrets provider {provider!r}, and this engine knows passphrases only. "
                "Use the Pulumi CLI for this stack (CUTOVER_PULUMI)."
            )
        if self._data.get("environment"):
            raise EngineError(f"{path} imports environments, which need Pulumi Cloud: remove `environment:`")

    @property
    def salt(self) -> str:
        """The passphrase provider's state, or an empty text."""
        return str(self._data.get("encryptionsalt") or "")

    @property
    def values(self) -> Values:
        """The configuration, keys in full."""
        return {":".join(self._key(key)): value for key, value in (self._data.get("config") or {}).items()}

    def _key(self, text: str) -> tuple[str, str]:
        return config_path.parse_key(str(text), self.project.name)

    def secrets(self, fallback_salt: str = "") -> SecretsManager:
        """The stack's secrets manager; a salt that has to be made is written to the file at once."""
        return SecretsManager(self.salt or fallback_salt, self.keep_salt)

    def keep_salt(self, salt: str) -> None:
        """Write the passphrase provider's state into the file."""
        self._data["encryptionsalt"] = salt
        self.save()

    def set(self, key: str, value: Any, *, path: bool = False) -> None:
        """Set a value; with `path`, inside the value of the key's first segment."""
        namespace, name = config_path.parse_key(key, self.project.name, path=path)
        segments: config_path.Path = config_path.parse_path(name) if path else [name]
        config = self._data["config"] = self._data.get("config") or {}
        written = self._written(config, f"{namespace}:{segments[0]}")
        if len(segments) == 1:
            config[written] = value
        else:
            config[written] = config_path.put(config.get(written), segments[1:], value)

    def remove(self, key: str, *, path: bool = False) -> None:
        """Remove a value, or what is inside one; nothing happens if it is not there."""
        namespace, name = config_path.parse_key(key, self.project.name, path=path)
        segments: config_path.Path = config_path.parse_path(name) if path else [name]
        config = self._data.get("config") or {}
        written = self._written(config, f"{namespace}:{segments[0]}")
        if len(segments) == 1:
            config.pop(written, None)
        elif written in config:
            config_path.remove(config[written], segments[1:])

    def _written(self, config: dict[str, Any], full: str) -> str:
        """The key as the file spells it (it may use the older `namespace:config:name`)."""
        return next((key for key in config if ":".join(self._key(key)) == full), full)

    def save(self) -> None:
        """Write the file, keeping its comments and order."""
        try:
            text = self.path.read_text(encoding="utf-8")
            mode = self.path.stat().st_mode & 0o777
        except FileNotFoundError:
            text, mode = "", 0o644
        write_durably(self.path, yaml_edit.edit(text, self._data).encode(), mode=mode)


def look_up(values: Values, key: str, project: str, *, path: bool) -> tuple[bool, Any]:
    """Whether there is a value, and what it is."""
    namespace, name = config_path.parse_key(key, project, path=path)
    segments: config_path.Path = config_path.parse_path(name) if path else [name]
    full = f"{namespace}:{segments[0]}"
    if full not in values:
        return False, None
    return config_path.get(values[full], segments[1:])


def has_secret(value: Any) -> bool:
    """Whether there is an encrypted text in the value."""
    if is_secure(value):
        return True
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    return isinstance(value, list) and any(has_secret(item) for item in value)


def opened(value: Any, secrets: SecretsManager | None) -> Any:
    """The value with encrypted texts decrypted, or as `[secret]` if there is nothing to decrypt them with."""
    if is_secure(value):
        return secrets.decrypt(value["secure"]) if secrets else "[secret]"
    if isinstance(value, dict):
        return {key: opened(item, secrets) for key, item in value.items()}
    return [opened(item, secrets) for item in value] if isinstance(value, list) else value


def as_text(value: Any) -> str:
    """A configuration value as programs get it: texts as they are, everything else as compact JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(_whole_numbers(value), separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def is_object(value: Any) -> bool:
    """Whether the value is a map, a list or null: what the CLI shows as an object."""
    return value is None or (isinstance(value, dict | list) and not is_secure(value))


def _whole_numbers(value: Any) -> Any:
    """`1.0` reads as 1: the Pulumi CLI's JSON has one kind of number."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {str(key): _whole_numbers(item) for key, item in value.items()}
    return [_whole_numbers(item) for item in value] if isinstance(value, list) else value
