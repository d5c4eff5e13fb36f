"""A release as an in-toto Statement v1: its subject is the image, its predicate tells where the release came from.

The predicate has the shape of SLSA's provenance v1, with a type of its own: it says how the image was released, and
nothing of how it was built.
"""

import re
from typing import Any

from cutover.provenance.release import KEYS, Released, driver_version
from cutover.strategies.registry import switches

PREDICATE_TYPE = f"{KEYS}/attestation/release/v1"
BUILD_TYPE, BUILDER = f"{KEYS}/release/v1", f"{KEYS}/program/v1"
_COMMIT = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})(-dirty)?")
_SCP = re.compile(r"(?P<login>[\w.-]+@)?(?P<host>[\w.-]+):(?!//)(?P<path>.+)")

Json = dict[str, Any]


def statement(release: Released) -> Json:
    """The statement, not signed."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [_subject(release)],
        "predicateType": PREDICATE_TYPE,
        "predicate": {"buildDefinition": _definition(release), "runDetails": _run(release)},
    }


def _subject(release: Released) -> Json:
    kind = "config" if release.of_config else "manifest"
    notes = _known({"tag": release.image.tag, "digestOf": kind})
    return {"name": release.image.name, "digest": {"sha256": release.digest}, "annotations": notes}


def _definition(release: Released) -> Json:
    return {
        "buildType": BUILD_TYPE,
        "externalParameters": _known(
            {
                "stack": release.stack,
                "namespace": release.namespace,
                "service": release.service,
                "strategy": release.strategy,
                "color": release.color if switches(release.strategy) else "",
                "release": release.release,
            }
        ),
        "internalParameters": _known(
            {
                "role": release.role,
                "revision": release.revision,
                "configDigest": release.origin.get("configDigest"),
                "deployedBy": release.origin.get("deployedBy"),
                "readyPods": release.pods,
                "gates": list(release.gates),
            }
        ),
        "resolvedDependencies": _source(release),
    }


def _run(release: Released) -> Json:
    version, origin = driver_version(), release.origin
    started = f"{release.since:%Y-%m-%dT%H:%M:%SZ}" if release.since else ""
    about = {"invocationId": origin.get("run"), "startedOn": started, "finishedOn": origin.get("deployedAt")}
    return {
        "builder": {"id": BUILDER} | ({"version": {"cutover": version}} if version else {}),
        "metadata": _known(about),
    }


def _source(release: Released) -> list[Json]:
    """The commit that the stack's file and program were at; with changes beside it, its digest would be a lie."""
    commit, repository = release.origin.get("commit", ""), release.origin.get("repository", "")
    match = _COMMIT.fullmatch(commit)
    if not match and not repository:
        return []
    source: Json = {"name": "source"}
    if repository:
        source["uri"] = source_uri(repository) + (f"@{match[1]}" if match else "")
    if match and not match[2]:
        source["digest"] = {"gitCommit": match[1]}
    elif commit:
        source["annotations"] = {"commit": commit}
    return [source]


def source_uri(repository: str) -> str:
    """A repository's URL as a URI that says it is git's: `git@host:team/shop` is `git+ssh://git@host/team/shop`."""
    if match := _SCP.fullmatch(repository):
        return f"git+ssh://{match['login'] or ''}{match['host']}/{match['path']}"
    return f"git+{repository}" if "://" in repository else f"git+file://{repository}"


def _known(given: Json) -> Json:
    return {key: value for key, value in given.items() if value not in (None, "")}
