"""The reader of the stack config: settings, or every problem at once.

Does not own the models or their rules. Settings that are secret are refused: the SDK unwraps nested ones
(pulumi/pulumi#6531). The keys that `secrets` name are looked up, their values never shown.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeGuard

from pydantic import ValidationError

from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.settings.problems import Loc, problems_of, render_path
from components.settings.secret_keys import OWN_KEYS, Reference, references, unusable
from components.stack.settings import StackSettings
from contract.strategies import BLUE_GREEN

_SURROGATE = re.compile("[\ud800-\udfff]")


class ConfigBag(Protocol):
    """The part of `pulumi.Config` that is used."""

    def full_key(self, key: str) -> str:
        """The key with its project: `cutover:services`."""

    def get(self, key: str) -> str | None:
        """The value as text, or None."""

    def get_object(self, key: str) -> Any:
        """The value as plain data, or None."""


def load_settings(config: ConfigBag) -> StackSettings:
    """The stack's settings from `namespace`, `services`, `groups` and `environments` of the config.

    Raises ConfigError with every problem there is. A secret is refused before it is read: no value of it is shown.
    """
    # Here and not above: this package must import without Pulumi, and fast.
    from pulumi.errors import RunError
    from pulumi.runtime.config import is_config_secret

    keys = {key: config.full_key(key) for key in OWN_KEYS}
    secret = [full for full in keys.values() if is_config_secret(full)]
    if secret:
        raise ConfigError([_secret(full) for full in secret])

    def plain(key: str) -> Any:
        try:
            return config.get_object(key)
        except RunError:  # the SDK's word for text that is not JSON
            return config.get(key)

    services, environments = plain("services"), plain("environments")
    problems = unusable(_references(services, environments, keys))
    try:
        settings = parse(config.get("namespace"), services, plain("groups"), keys["services"], environments)
    except ConfigError as error:
        raise ConfigError([*error.problems, *problems]) from None
    if problems:
        raise ConfigError(problems)
    return settings


def parse(
    namespace: object,
    services: object,
    groups: object = None,
    key: str = "cutover:services",
    environments: object = None,
) -> StackSettings:
    """The settings from plain data; problems name paths from `key`, the key of `services`. Raises ConfigError."""
    project = key.rpartition(":")[0]
    prefix = f"{project}:" if project else ""
    given = {
        "namespace": namespace,
        "services": _with_colors(services, groups),
        "groups": groups,
        "environments": environments,
    }

    def at(loc: Loc) -> str:
        return render_path(f"{prefix}{loc[0]}", loc[1:])

    if broken := list(_no_text(given, at, ())):
        raise ConfigError(broken)
    try:
        return StackSettings.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise ConfigError(problems_of(error, given, at)) from None


def _no_text(value: object, at: Callable[[Loc], str], loc: Loc) -> Iterator[Problem]:
    """Texts and keys that are no Unicode: YAML and JSON can write half of a surrogate pair, nothing can send it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            own = key if isinstance(key, str | int) else str(key)
            yield from _no_text(key, at, (*loc, own))
            yield from _no_text(inner, at, (*loc, own))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _no_text(inner, at, (*loc, number))
    elif isinstance(value, str) and _SURROGATE.search(value):
        yield Problem(
            at(loc),
            "the text holds half of a surrogate pair (\\ud800 to \\udfff), which is no character",
            "no file and no request can carry it: the engine or the API server would fail with less clear words",
            "write the whole character, or leave it out",
        )


def _references(services: object, environments: object, keys: Mapping[str, str]) -> Iterator[Reference]:
    yield from references(services, keys["services"])
    builds = environments.get("builds") if isinstance(environments, Mapping) else None
    for name, build in builds.items() if isinstance(builds, Mapping) else ():
        if isinstance(build, Mapping):
            root = render_path(keys["environments"], ("builds", str(name), "services"))
            yield from references(build.get("services"), root)


def _with_colors(services: object, groups: object) -> object:
    """The services, those of a group with the group's `active`. What is not as it should be is left to the models."""
    if not isinstance(services, Mapping) or not isinstance(groups, Mapping):
        return services
    colors = {
        member: group["active"]
        for group in groups.values()
        if isinstance(group, Mapping) and "active" in group and isinstance(group.get("services"), list)
        for member in group["services"]
        if isinstance(member, str)
    }
    return {
        name: {"active": colors[name], **service} if name in colors and _has_colors(service) else service
        for name, service in services.items()
    }


def _has_colors(service: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(service, Mapping) and service.get("strategy") == BLUE_GREEN


def _secret(key: str) -> Problem:
    return Problem(
        key,
        "the value, or a value in it, is marked secret",
        "Pulumi hands nested secrets to the program as plain text, and they would end up readable in the state "
        "(pulumi/pulumi#6531)",
        "remove `secure:` from it; give each password a key of its own (pulumi config set --secret cutover:<key>) and "
        "name that in `secrets`, or name an existing Kubernetes Secret in env_from_secrets",
    )
