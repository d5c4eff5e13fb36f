"""The services and releases that the cells play with: podinfo, in several ways of ending."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

SERVICE = "shop"
REPOSITORY = "cutover.local/podinfo"
GOOD = ("1.0.0", "1.1.0", "1.2.0")
BROKEN, UNREADY, CRASH, MISSING = "1.3.0-broken", "1.3.0-unready", "1.3.0-crash", "1.3.0-nowhere"

# How an application ends, as the environment of podinfo. `DRAINS` is the harshest that still does it right: on SIGTERM
# it closes its listener at once and finishes what is under way. A process that ignores SIGTERM goes on serving until
# it is killed; podinfo's own pause of 3 s, longer than what is left of the grace period, comes to the same.
DRAINS = {"PODINFO_LEVEL": "debug"}
PAUSES = {"PODINFO_LEVEL": "info"}  # serves on for 3 s after SIGTERM, then as DRAINS
EXITS_AT_ONCE = {"PODINFO_LEVEL": "debug", "PODINFO_SERVER_SHUTDOWN_TIMEOUT": "0s"}
TAKES_20_SECONDS = {"PODINFO_LEVEL": "debug", "PODINFO_SERVER_SHUTDOWN_TIMEOUT": "25s"}

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
    """A release of an image's tag."""
    version = tag.partition("-")[0]
    return {"version": version, "build": build, "image": f"{REPOSITORY}:{tag}", "env": dict(env)}


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


def rolling(**changes: Any) -> Json:
    """A rolling app."""
    return {"strategy": "rolling", **_COMMON, "release": release(GOOD[0]), **changes}
