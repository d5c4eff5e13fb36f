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
from components.settings.secret_keys import secret_value, unusable
from contract.releases import Color


def refuse_unusable_secrets(name: str, settings: PodSettings, releases: Mapping[str, Release | None]) -> None:
    """Raises ConfigError with every key of `secrets` that the stack's config has no secret value for."""
    owners: dict[tuple[str, ...], Mapping[str, str | SecretStr]] = {("secrets",): settings.secrets}
    owners |= {(slot, "secrets"): release.secrets for slot, release in releases.items() if release}
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
    planned: Content, metadata: Callable[[str, str], dict[str, Any]], child: Callable[[], pulumi.ResourceOptions]
) -> list[pulumi.Resource]:
    """The objects of a release; `metadata` takes an object's name and its role."""
    made: list[pulumi.Resource] = []
    if name := planned.config_map:
        made.append(objects.ConfigMap(name, content.config_map(metadata(name, "config"), planned), child()))
    if name := planned.files_map:
        made.append(objects.ConfigMap(name, content.files_map(metadata(name, "files"), planned), child()))
    if name := planned.secret:
        made.append(objects.Secret(name, content.secret(metadata(name, "secrets"), planned), child()))
    return made


def _values(settings: PodSettings, release: Release) -> dict[str, SecretStr]:
    named = {**settings.secrets, **release.secrets}
    return {variable: secret_value(source) if isinstance(source, str) else source for variable, source in named.items()}
