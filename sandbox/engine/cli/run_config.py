"""The configuration of one run: what the program gets, what is secret in it, and what the history keeps."""

from dataclasses import dataclass
from typing import Any

from sandbox.engine.cli import project_config
from sandbox.engine.cli.config_path import is_secure
from sandbox.engine.cli.session import Session
from sandbox.engine.cli.stack_file import Values, as_text, has_secret, opened


@dataclass(frozen=True)
class RunConfig:
    """A stack's configuration, resolved."""

    written: Values  # as the file has it, encrypted values included
    texts: dict[str, str]  # what the program gets: plain texts, objects as JSON
    secret_keys: list[str]
    secret_texts: list[str]  # the decrypted values themselves, to be masked in messages

    @classmethod
    def of(cls, session: Session, *, validate: bool) -> "RunConfig":
        """The session's stack's configuration with the project's defaults, decrypted."""
        project = session.needed_project
        values = project_config.apply(project, session.stack.name, session.file.values, validate=validate)
        secret = [key for key, value in values.items() if has_secret(value)]
        manager = session.secrets if secret else None
        plain = {key: opened(value, manager) for key, value in values.items()}
        return cls(
            written=values,
            texts={key: as_text(value) for key, value in plain.items()},
            secret_keys=secret,
            secret_texts=[text for key in secret for text in _secret_texts(values[key], plain[key])],
        )


def _secret_texts(value: Any, plain: Any) -> list[str]:
    if is_secure(value):
        return [plain]
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in _secret_texts(item, plain[key])]
    if isinstance(value, list):
        return [text for item, other in zip(value, plain, strict=True) for text in _secret_texts(item, other)]
    return []
