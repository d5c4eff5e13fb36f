"""Labels and release ids as the program writes them into the cluster.

The driver never imports the components; these few rules are theirs, and a test holds both to the same answers.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

NAME = "app.kubernetes.io/name"
INSTANCE = "app.kubernetes.io/instance"
VERSION = "app.kubernetes.io/version"
COMPONENT = "app.kubernetes.io/component"
MANAGED_BY = "app.kubernetes.io/managed-by"
COLOR = "cutover.dev/color"
ENVIRONMENT = "cutover.dev/environment"
REVISION = "cutover.dev/revision"
LIVE = "cutover.dev/live"  # with `cutover: labels`: on what is attached to the live Service
ATTACHED = "true"
SERVES = "cutover.dev/serves"  # there, on the live Service: `<color>/<revision>`
DETACHED = "cutover.dev/detached"  # there, on ReplicaSets and pods: when they were detached
DRAINING = "cutover.dev/draining"  # on a front: whom it left and who may still hold connections
STACK = "cutover.dev/stack"  # on every object: `<project>/<stack>`
COMPLETED = "cutover.dev/completed"  # on the live Service: the revision whose cutover was carried to its end
JOB_OF = "cutover.dev/job-of"  # the service of a Job around a release
RELEASE = "cutover.dev/release"  # the release that such a Job belongs to
JOBS_DONE = "cutover.dev/jobs-done"  # on the live Service: which releases had their Jobs
BARRIER = "cutover.dev/no-rollback-past"  # on the live Service: the release past which nobody may roll back
ORIGIN = {  # annotations of a workload: where its release came from -> the key in a document
    "cutover.dev/commit": "commit",
    "cutover.dev/repository": "repository",
    "cutover.dev/deployed-by": "deployedBy",
    "cutover.dev/deployed-at": "deployedAt",
    "cutover.dev/run": "run",
    "cutover.dev/stack": "stack",
    "cutover.dev/config-digest": "configDigest",
}
REFUSED = "cutover.dev/refused"  # on the live Service: the release that was refused or left last, when and why
IMAGE_ID = "cutover.dev/image-id"  # on a workload: what its pods ran when it was brought up
CONTAINER = "app"

MAX_RELEASE_ID = 40
_HASH = 8
_PLAIN_VERSION = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_NOT_DNS = re.compile(r"[^a-z0-9]+")


def release_id(version: str, build: int) -> str:
    """The id of a release: `("1.5.0", 3)` -> `1-5-0-b3`."""
    if _PLAIN_VERSION.fullmatch(version):
        text = version.replace("-", "--").replace(".", "-") + f"-b{build}"
        if len(text) <= MAX_RELEASE_ID:
            return text
    stem = _NOT_DNS.sub("-", f"{version}-b{build}".lower()).strip("-")[: MAX_RELEASE_ID - _HASH - 2].strip("-")
    digest = hashlib.sha256(chr(0).join((version, str(build))).encode()).hexdigest()[:_HASH]
    return f"{stem}-h{digest}"


def runs_release(revision: str, release: str) -> bool:
    """Whether a revision is of this release: the release id itself, or with a ReplicaSet's template digest."""
    return revision == release or revision.startswith(f"{release}-t")


def id_of(release: Mapping[str, Any]) -> str:
    """The id of a release as the config has it."""
    return release_id(str(release.get("version", "")), int(release.get("build", 0)))


def describe(release: Mapping[str, Any]) -> str:
    """A release for people: `1.5.0 build 3`."""
    return f"{release.get('version')} build {release.get('build')}"


def build_of(revision: str, version: str) -> str:
    """A release for people from what the cluster has, its revision and its version label."""
    found = re.search(r"-b(\d+)(?:-t[0-9a-f]+)?$", revision)
    return f"{version} build {found[1]}" if found and version else revision
