"""The origin of a release as annotations of its workload. Pure: the environment and git's answers come in.

They are no part of what the program declares, so a deployment from another commit or by somebody else is no difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

from contract.annotations import (
    BUILD,
    COMMIT,
    CONFIG_DIGEST,
    DEPLOYED_AT,
    DEPLOYED_BY,
    IMAGE_ID,
    REPOSITORY,
    RUN,
    STACK,
)
from contract.labels import RELEASE

# What CI systems say of themselves: GitHub's, GitLab's, and ours for all others.
_COMMIT = ("CUTOVER_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA")
_REPOSITORY = ("CUTOVER_REPOSITORY", "CI_PROJECT_URL")
_DEPLOYER = ("CUTOVER_DEPLOYER", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME")
_RUN = ("CUTOVER_RUN", "CI_JOB_URL")


@dataclass(frozen=True)
class Git:
    """The state of the project's folder by git: the remote's URL, and the commit, with `-dirty` where other files than
    the stack's own differ from it.
    """

    commit: str = ""
    remote: str = ""


def provenance(
    *,
    stack: str,
    release: str,
    build: int,
    config_digest: str,
    environment: Mapping[str, str],
    git: Git,
    at: datetime,
    image_ids: Sequence[str] = (),
    before: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str | None]:
    """The annotations, keys with their prefix, None for what is not known: what is noted of the release before is taken
    off. A URL's user and password are left out. Without `image_ids` those in the notes `before` stay where they are of
    the very same content.
    """
    same = before.get(CONFIG_DIGEST) == config_digest
    found = {
        COMMIT: _first(environment, _COMMIT) or git.commit,
        REPOSITORY: without_login(_first(environment, _REPOSITORY) or _github(environment) or git.remote),
        DEPLOYED_BY: _first(environment, _DEPLOYER),
        DEPLOYED_AT: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        RUN: without_login(_first(environment, _RUN) or _github_run(environment)),
        STACK: stack,
        RELEASE: release,
        BUILD: str(build),
        CONFIG_DIGEST: config_digest,
        IMAGE_ID: ", ".join(image_ids) or (before.get(IMAGE_ID) if same else None),
    }
    return {key: value or None for key, value in found.items()}


def without_login(url: str) -> str:
    """A URL without user, password, query and fragment; what is no URL (`git@host:path`) stays as it is."""
    parts = urlsplit(url)
    if not parts.scheme or not parts.netloc:
        return url
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")


def _github(environment: Mapping[str, str]) -> str:
    server, repository = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    return f"{server}/{repository}" if server and repository else ""


def _github_run(environment: Mapping[str, str]) -> str:
    repository, run = _github(environment), environment.get("GITHUB_RUN_ID")
    return f"{repository}/actions/runs/{run}" if repository and run else ""
