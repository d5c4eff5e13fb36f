"""The services and releases of the cells: the responder, in several ways of ending, and podinfo where one is broken."""

from collections.abc import Mapping
from typing import Any

from traffic.responder.image import REPOSITORY

Json = dict[str, Any]

SERVICE = "shop"
BACKEND = "api"  # what it calls, where there are two
GROUP = "both"
PODINFO = "cutover.local/podinfo"
GOOD = ("1.0.0", "1.1.0", "1.2.0")
BROKEN, UNREADY, CRASH, MISSING = "1.3.0-broken", "1.3.0-unready", "1.3.0-crash", "1.3.0-nowhere"

# How the responder ends: as an application should, or not.
DRAINS = {"RESPONDER_ON_TERM": "drain"}
EXITS_AT_ONCE = {"RESPONDER_ON_TERM": "exit"}
IGNORES_SIGTERM = {"RESPONDER_ON_TERM": "ignore"}
# podinfo, at this log level, ends as Go's HTTP server does: it finishes what is under way and closes what is idle.
AS_GO_DOES = {"PODINFO_LEVEL": "debug"}

SMOKE: Json = {"path": "/version", "expect_body": '"{version}"', "successes": 2, "interval_seconds": 0.2}
SMOKE |= {"timeout_seconds": 4, "request_timeout_seconds": 2}

_COMMON: Json = {
    "port": 9898,
    "replicas": 2,
    "drain_seconds": 2,
    "min_ready_seconds": 1,
    "termination_grace_seconds": 30,
    "progress_deadline_seconds": 60,
    "readiness": {"path": "/readyz", "period_seconds": 1},
    # Without a request a pod gets what CPU all others leave, and the figures would be about that.
    "resources": {"requests": {"cpu": "100m", "memory": "32Mi"}},
}


def release(tag: str, env: Mapping[str, str] = DRAINS, build: int = 1) -> Json:
    """A release of an image's tag: of the responder where the tag is a good one and nothing of podinfo is asked for."""
    version = tag.partition("-")[0]
    repository = REPOSITORY if tag in GOOD and env != AS_GO_DOES else PODINFO
    return {"version": version, "build": build, "image": f"{repository}:{tag}", "env": dict(env)}


def blue_green(workload: str = "deployment", standby: int | None = None, **changes: Any) -> Json:
    """A blue/green service, blue live. `standby` None keeps the idle color as large as the live one."""
    made: Json = {
        "strategy": "blue-green",
        "workload": workload,
        "active": "blue",
        **_COMMON,
        "gate_timeout_seconds": 30,
        "smoke": dict(SMOKE),
        "blue": release(GOOD[0]),
        "green": release(GOOD[1]),
        **changes,
    }
    return made if standby is None else made | {"standby_replicas": standby}


def side_by_side(**changes: Any) -> Json:
    """A service with two versions, whose front sends to the first."""
    versions = {"v1": release(GOOD[0]), "v2": release(GOOD[1])}
    made: Json = {"strategy": "side-by-side", **_COMMON, "gate_timeout_seconds": 30, "smoke": dict(SMOKE)}
    return made | {"active": "v1", "versions": versions, **changes}


def environments(**builds: str) -> Json:
    """Environments of a front end and its API, by name and version; the first one serves. The API is blue/green."""
    made: Json = {"active": next(iter(builds)), "gate_timeout_seconds": 30, "smoke": {SERVICE: dict(SMOKE)}}
    return made | {"builds": {name: environment(version) for name, version in builds.items()}}


def environment(version: str) -> Json:
    """One of them."""
    api = blue_green("replica-set", blue=release(version))
    del api["green"], api["smoke"]
    return {"services": {BACKEND: api, SERVICE: rolling(release=release(version))}}


def rolling(**changes: Any) -> Json:
    """A rolling app."""
    return {"strategy": "rolling", **_COMMON, "release": release(GOOD[0]), **changes}
