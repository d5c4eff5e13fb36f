"""Releases as the stack's config has them, mappings with `version` and `build`, told and compared. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from contract import annotations
from contract.releases import Numbered, read, release_id, runs_release

Release = Mapping[str, Any]

ORIGIN = {
    annotations.COMMIT: "commit",
    annotations.REPOSITORY: "repository",
    annotations.DEPLOYED_BY: "deployedBy",
    annotations.DEPLOYED_AT: "deployedAt",
    annotations.RUN: "run",
    annotations.STACK: "stack",
    annotations.CONFIG_DIGEST: "configDigest",
}
"""Annotations of a workload that say where its release came from -> the key in a document."""


def id_of(release: Release) -> str:
    """The id of a release."""
    return release_id(str(release.get("version", "")), int(release.get("build", 0)))


def describe(release: Release | None) -> str:
    """A release for people: `1.5.0 build 3`; `no release` for none."""
    return f"{release.get('version')} build {release.get('build')}" if release else "no release"


def written(given: Release) -> Release:
    """A release with its version as it is written."""
    version = getattr(given.get("version"), "written", None)
    return {**given, "version": version} if version else given


def same(one: Release | None, two: Release | None) -> bool:
    """Whether both are the same release: version, build and image. False where one of them is none."""
    return bool(one) and bool(two) and _identity(one) == _identity(two)


def next_build(releases: Iterable[Release], version: str, image: str) -> int:
    """The build of a release that nobody numbered: that of the same version and image where the file has it, so that a
    command may be run twice; else one more than the highest build of the version there; 1 for a new version.
    """
    of_version = [one for one in releases if str(one.get("version")) == version]
    again = [int(one["build"]) for one in of_version if one.get("image") == image and "build" in one]
    return max(again, default=1 + max((int(one.get("build", 0)) for one in of_version), default=0))


def build_of(revision: str, version: str) -> str:
    """A release for people from what the cluster has, its revision and its version label."""
    found = re.search(r"-b(\d+)(?:-t[0-9a-f]+)?$", revision)
    return f"{version} build {found[1]}" if found and version else revision


def release_of(revision: str, version: str, release: Release) -> str:
    """A release for people: as the config has it where that is what the revision runs, else as far as that tells."""
    if release and runs_release(revision, id_of(release)):
        return describe(release)
    return build_of(revision, version)


def older(one: Release, other: Release) -> bool:
    """Whether the first release comes before the other: by version as SemVer orders them, else by build."""
    return _numbered(one).older_than(_numbered(other))


def read_release(text: str | None) -> dict[str, Any] | None:
    """Version and build of `1.5.0 build 3`; None for anything else."""
    found = read(text)
    return {"version": found.version, "build": found.build} if found else None


def forbids(limits: Iterable[Release], target: Release) -> str | None:
    """The first of the limits that a release comes before, for people; None where it may take the traffic."""
    return next((describe(limit) for limit in limits if older(target, limit)), None)


def _numbered(release: Release) -> Numbered:
    return Numbered(str(release.get("version", "")), int(release.get("build", 0)))


def _identity(release: Release | None) -> tuple[str, ...]:
    return tuple(str((release or {}).get(key)) for key in ("version", "build", "image"))
