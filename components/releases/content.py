"""The content of a release as resources: immutable ConfigMaps and a Secret, its values from the stack's config."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pydantic import SecretStr

from components.manifests import content, objects
from components.manifests.content import Content, content_of
from components.rules.errors import ConfigError
from components.settings import PodSettings, Release
from components.settings.problems import render_path
from components.settings.secret_keys import Path, secret_value, unusable
from contract.releases import Color


def refuse_unusable_secrets(name: str, settings: PodSettings, releases: Mapping[Path, Release | None]) -> None:
    """Raises ConfigError with every key of `secrets` that the stack's config has no secret value for. `releases` are by
    their place in the settings.
    """
    owners: dict[Path, Mapping[str, str | SecretStr]] = {("secrets",): settings.secrets}
    owners |= {(*place, "secrets"): release.secrets for place, release in releases.items() if release}
    named = [
        (render_path(name, (*place, variable)), key)
        for place, secrets in owners.items()
        for variable, key in secrets.items()
        if isinstance(key, str)
    ]
    if problems := unusable(named):
        raise ConfigError(problems)


def plan_content(service: str, namespace: str, color: Color | None, settings: PodSettings, release: Release) -> Content:
    """The content of a release, its secrets' values included: for `make_content` alone."""
    salt = (pulumi.get_project(), namespace, service)  # not the stack: renamed, it would roll the pods that serve
    return content_of(service, color, settings, release, _values(settings, release), salt)


def make_content(
    planned: Content,
    metadata: Callable[[str, str], dict[str, Any]],
    child: Callable[[], pulumi.ResourceOptions],
    known: dict[str, pulumi.Resource] | None = None,
) -> list[pulumi.Resource]:
    """The objects of a release; `metadata` takes an object's name and its role. One that is `known` by its name is made
    already: releases of one color may have the same content.
    """
    made: dict[str, pulumi.Resource] = {} if known is None else known
    if (name := planned.config_map) and name not in made:
        made[name] = objects.ConfigMap(name, content.config_map(metadata(name, "config"), planned), child())
    if (name := planned.files_map) and name not in made:
        made[name] = objects.ConfigMap(name, content.files_map(metadata(name, "files"), planned), child())
    if (name := planned.secret) and name not in made:
        made[name] = objects.Secret(name, content.secret(metadata(name, "secrets"), planned), child())
    return [made[name] for name in (planned.config_map, planned.files_map, planned.secret) if name]


def _values(settings: PodSettings, release: Release) -> dict[str, SecretStr]:
    named = {**settings.secrets, **release.secrets}
    return {variable: secret_value(source) if isinstance(source, str) else source for variable, source in named.items()}
