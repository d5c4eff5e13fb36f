"""The hook that notes on a workload where its release came from. It never fails a release."""

import asyncio
import functools
import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime

import pulumi

from components.cluster.beside import beside
from components.cluster.cluster import Cluster
from components.cluster.watch import TRIES
from components.hooks.engine import hook
from components.rules.errors import ClusterUnreachable
from components.rules.images import running_ids
from components.rules.provenance import Git, provenance
from components.settings import Release
from contract.releases import runs_release

_GIT_SECONDS = 5
_POLL_SECONDS = 0.1


def provenance_hook(
    cluster: Cluster, kind: str, workload: str, release: Release, config_digest: str, selector: Mapping[str, str]
) -> pulumi.ResourceHook:
    """A hook for after a workload (`deployments`, `replicasets`) was created or updated; `selector` is of its pods.

    Its pods are there by then, so what they really run is noted too; a color without pods keeps the note it has of
    them.
    """

    async def note_if_possible() -> None:
        try:
            await note_origin(cluster, kind, workload, release, config_digest, selector)
        except ClusterUnreachable as error:
            pulumi.warn(f"{workload}: where it came from could not be noted on it: {error.what}")

    return hook(f"{workload}-provenance", note_if_possible)


async def note_origin(
    cluster: Cluster, kind: str, workload: str, release: Release, config_digest: str, selector: Mapping[str, str]
) -> None:
    """The note, written in place of that of a release before. One that is gone or was changed meanwhile is left alone:
    where that came from is not known. Raises ClusterUnreachable.
    """
    git, pods = await asyncio.gather(beside(asyncio.to_thread(_git)), cluster.pods(selector))
    for _ in range(TRIES):
        found = await cluster.rollout(workload, kind)
        if found is None or not runs_release(found.revision, release.id):
            return
        annotations = provenance(
            stack=f"{pulumi.get_project()}/{pulumi.get_stack()}",
            release=release.id,
            build=release.build,
            config_digest=config_digest,
            environment=os.environ,
            git=git,
            at=datetime.now(UTC),
            image_ids=running_ids(pods, release.image),
            before=found.annotations,
        )
        if await cluster.annotate_workload(kind, workload, annotations, version=found.version):
            return
        await asyncio.sleep(_POLL_SECONDS)
    pulumi.warn(f"{workload}: where it came from could not be noted on it: it changed whenever it was to be written")


@functools.cache
def _git() -> Git:
    """The stack's own file is no difference: a release is made by editing it, and its content is noted beside."""
    own = f":(exclude)Pulumi.{pulumi.get_stack()}.y*ml"
    commit = _ask("rev-parse", "--verify", "--quiet", "HEAD")
    changed = commit and _ask("--no-optional-locks", "status", "--porcelain", "--untracked-files=no", "--", ":/", own)
    return Git(f"{commit}-dirty" if changed else commit, _ask("remote", "get-url", "origin"))


def _ask(*words: str) -> str:
    try:
        ended = subprocess.run(("git", *words), capture_output=True, text=True, timeout=_GIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):  # no git, or a folder that hangs: then it is not known
        return ""
    return ended.stdout.strip() if ended.returncode == 0 else ""
