"""The content of a release: its ConfigMap, its files and its Secret, each immutable and named by its content.

Another content is another object beside the old one, so a rollout of it, a failure and a rollback never meet; an object
leaves when no release of the config names it any more. Owns their names, their manifests and their places in a pod.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from components.manifests.objects import Manifest
from components.rules import names
from components.rules.digest import stable_digest
from components.rules.secret_digest import secret_digest
from components.settings import PodSettings, Release
from contract.releases import Color

VOLUME = "files"
_NOT_IN_KEYS = re.compile(r"[^-A-Za-z0-9_.]+")
_MAX_KEY_NAME = 200


@dataclass(frozen=True)
class Content:
    """The objects of one release; a name is None where the release has nothing for it."""

    config: Mapping[str, str]
    files: Mapping[str, str]
    secrets: Mapping[str, SecretStr]
    config_map: str | None = None
    files_map: str | None = None
    secret: str | None = None

    @property
    def variables(self) -> frozenset[str]:
        """The names of the environment variables."""
        return frozenset({*self.config, *self.secrets})


NOTHING = Content({}, {}, {})


def content_of(
    service: str,
    color: Color | None,
    settings: PodSettings,
    release: Release,
    secrets: Mapping[str, SecretStr],
    salt: tuple[str, ...],
) -> Content:
    """The content of a release: the service's values, the release's own over them. `secrets` are the values that the
    two name, `salt` whose they are (see `secret_digest`).
    """
    config = {**settings.config, **release.config}
    files = {**settings.config_files, **release.config_files}
    plain = {variable: value.get_secret_value() for variable, value in secrets.items()}
    return Content(
        config,
        files,
        secrets,
        config_map=names.config_name(service, color, stable_digest(config)) if config else None,
        files_map=names.config_name(service, color, stable_digest({"files": files})) if files else None,
        secret=names.config_name(service, color, secret_digest(plain, salt)) if plain else None,
    )


def config_map(meta: dict[str, Any], content: Content) -> Manifest:
    """The ConfigMap whose keys become variables."""
    return {"metadata": meta, "data": dict(content.config), "immutable": True}


def files_map(meta: dict[str, Any], content: Content) -> Manifest:
    """The ConfigMap of the files. One of their own: variables are made from all keys of a ConfigMap."""
    return {"metadata": meta, "data": {key: content.files[path] for path, key in _keys(content)}, "immutable": True}


def secret(meta: dict[str, Any], content: Content) -> Manifest:
    """The Secret, its values in the clear as far as Kubernetes is concerned: only for a resource that hides `data`."""
    data = {
        variable: base64.b64encode(value.get_secret_value().encode()).decode()
        for variable, value in content.secrets.items()
    }
    return {"metadata": meta, "data": data, "immutable": True}


def env_from(content: Content) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Its sources of variables: ConfigMaps, Secrets."""
    return (
        [{"configMapRef": {"name": content.config_map}}] if content.config_map else [],
        [{"secretRef": {"name": content.secret}}] if content.secret else [],
    )


def volumes(content: Content) -> list[dict[str, Any]]:
    """The volume of the files."""
    return [{"name": VOLUME, "configMap": {"name": content.files_map}}] if content.files_map else []


def mounts(content: Content) -> list[dict[str, Any]]:
    """One mount per file, so that none hides what else the image has in its directory. Kubernetes does not update such
    mounts, and need not: the content never changes.
    """
    return [{"name": VOLUME, "mountPath": path, "subPath": key, "readOnly": True} for path, key in _keys(content)]


def _keys(content: Content) -> list[tuple[str, str]]:
    """Path and key of each file. Keys hold no slash, so paths are numbered; the name is for people."""
    numbered = enumerate(sorted(content.files))
    return [(path, f"{n}-{_NOT_IN_KEYS.sub('-', path.rpartition('/')[2])[:_MAX_KEY_NAME]}") for n, path in numbered]
