"""Secrets in the settings: a variable names a key of the stack's secret config, and the value is never in a model.

A key is top-level config of its own (`cutover:db-password-v2`), because only of top-level keys does the SDK tell
whether they are secret; what is nested it hands on as plain text (pulumi/pulumi#6531).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import PlainValidator, SecretStr, WithJsonSchema

from components.rules.problem import Problem
from components.settings.amounts import MAX_WORD_BYTES
from components.settings.base import refusal
from components.settings.problems import render_path
from components.settings.values import EnvName
from contract.text import quoted

BAG = "cutover"
OWN_KEYS = ("namespace", "services", "groups", "environments")  # settings, so never secrets
_PATTERN = r"^([A-Za-z0-9_.-]+:)?[A-Za-z0-9_][A-Za-z0-9_.-]*$"
_KEY = re.compile(_PATTERN)


def full_key(key: str) -> str:
    """`db-password` -> `cutover:db-password`; a key with a prefix of its own is taken as it is."""
    return key if ":" in key else f"{BAG}:{key}"


def _source(value: Any) -> str | SecretStr:
    if isinstance(value, SecretStr) and value.get_secret_value():
        return value
    if isinstance(value, SecretStr):
        raise refusal("the value is empty", "the application would start without its password", "pass the value")
    if isinstance(value, str) and _KEY.fullmatch(value):
        own = full_key(value).removeprefix(f"{BAG}:")
        if own in OWN_KEYS:
            raise refusal(
                f"{quoted(value)} is a setting of the stack, not a secret",
                "the pods would get the configuration in place of a password",
                f"name a key of your own: pulumi config set --secret {BAG}:<key>",
            )
        return value
    # What was written may be the secret itself, so it is not shown.
    raise refusal(
        f"the value ({type(value).__name__}) is not a key of the stack's secret config", NO_KEY_WHY, NO_KEY_FIX
    )


NO_KEY_WHY = (
    "the values themselves do not belong here: they would be readable in the file and its history. An Output "
    "cannot be taken either: the name of the Secret is made from the value, before the engine runs"
)
NO_KEY_FIX = (
    f"pulumi config set --secret {BAG}:<key>, and write that key; a program of your own may pass a "
    "pydantic.SecretStr, or make the Secret itself and name it in env_from_secrets"
)


SecretSource = Annotated[
    str | SecretStr, PlainValidator(_source), WithJsonSchema({"type": "string", "pattern": _PATTERN})
]
Secrets = dict[EnvName, SecretSource]

Path = tuple[str | int, ...]
Reference = tuple[str, str]
"""Where a key is named, as a path of the config, and the key."""


def references(services: object, root: str) -> Iterator[Reference]:
    """Every key that the services, as plain data, name, wherever their releases are. What has another form than wanted
    is the models' to refuse.
    """
    for path, key in _named(services, ()):
        yield render_path(root, path), key


def _named(owner: object, at: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(owner, list | tuple):
        for place, inner in enumerate(owner):
            yield from _named(inner, (*at, place))
    for name, inner in owner.items() if isinstance(owner, Mapping) else ():
        if isinstance(inner, Mapping | list | tuple):
            yield from _named(inner, (*at, str(name)))
        elif _is_field(at) and isinstance(inner, str) and _KEY.fullmatch(inner):
            yield (*at, str(name)), inner


def _is_field(at: Path) -> bool:
    """Whether a path ends in the field `secrets`, rather than in a service or a version of that name."""
    return len(at) > 1 and at[-1] == "secrets" and at[-2] != "versions"


def unusable(named: Iterable[Reference]) -> list[Problem]:
    """The faults of the keys that are named: not in the stack's config, in it as plain text, or empty."""
    return [problem for path, key in named for problem in _problems(path, full_key(key))]


def secret_value(key: str) -> SecretStr:
    """The value of a key that `unusable` found nothing wrong with."""
    return SecretStr(_read(full_key(key)) or "")


def _problems(path: str, full: str) -> Iterator[Problem]:
    from pulumi.runtime.config import is_config_secret

    value = _read(full)
    if full.removeprefix(f"{BAG}:") in OWN_KEYS:
        return  # the models refuse it
    if value is None:
        yield Problem(
            path,
            f"the stack's config has no {full}",
            "the pods would start without the value, or not at all",
            f"pulumi config set --secret {full}",
        )
    elif not is_config_secret(full):
        yield Problem(
            path,
            f"{full} is in the stack's config as plain text",
            "everybody who reads the file or its history reads the value",
            f"pulumi config set --secret {full}, with another value: this one has been seen",
        )
    elif not value:
        yield Problem(
            path,
            f"{full} is empty",
            "an application that starts without its password fails later and less clearly",
            f"pulumi config set --secret {full}",
        )
    elif (size := len(value.encode(errors="replace"))) > MAX_WORD_BYTES or "\0" in value:
        yield Problem(
            path,
            f"{full} holds {'a NUL character' if chr(0) in value else f'{size} bytes, more than {MAX_WORD_BYTES}'}",
            "no environment variable can hold it, so no container of the release would start",
            "put what is large or binary into a Secret of your own and mount that, or shorten it",
        )


def _read(full: str) -> str | None:
    import pulumi  # here, as this package must import without it

    bag, _, key = full.rpartition(":")
    return pulumi.Config(bag).get(key)
