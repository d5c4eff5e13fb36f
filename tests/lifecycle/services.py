"""Services and releases of the sandbox's images, configured so that everything about them is quick."""

from typing import Any

Json = dict[str, Any]

REPOSITORY = "cutover.local/podinfo"
V1, V2, V3 = "1.0.0", "1.1.0", "1.2.0"
BROKEN, UNREADY, CRASH = "1.3.0-broken", "1.3.0-unready", "1.3.0-crash"
SMOKE: Json = {
    "path": "/version",
    "expect_body": '"{version}"',
    "successes": 1,
    "interval_seconds": 0.2,
    "timeout_seconds": 60,
    "request_timeout_seconds": 30,
}
# For releases that are refused: that is how long it takes.
IMPATIENT = {**SMOKE, "timeout_seconds": 4, "request_timeout_seconds": 4}

_COMMON: Json = {
    "port": 9898,
    "replicas": 2,
    "drain_seconds": 1,
    "min_ready_seconds": 0,
    # Time for a good release to start on a machine under load; tests of bad releases shorten it.
    "progress_deadline_seconds": 60,
    "readiness": {"path": "/readyz", "period_seconds": 1, "timeout_seconds": 10},
    "env": {"PODINFO_LEVEL": "debug"},  # podinfo then stops at once on SIGTERM
}


def release(tag: str, build: int = 1, **changes: Any) -> Json:
    """A release of an image's tag."""
    return {"version": tag.partition("-")[0], "build": build, "image": f"{REPOSITORY}:{tag}", **changes}


def blue_green(workload: str = "deployment", **changes: Any) -> Json:
    """A blue/green service with blue live at V1 and, unless `green=None`, green idle at V2."""
    made = {
        "strategy": "blue-green",
        "workload": workload,
        "active": "blue",
        "gate_timeout_seconds": 30,
        **_COMMON,
        "blue": release(V1),
        "green": release(V2),
        **changes,
    }
    return {key: value for key, value in made.items() if value is not None}


def rolling(**changes: Any) -> Json:
    """A rolling app at V1."""
    made = {"strategy": "rolling", **_COMMON, "release": release(V1), **changes}
    return {key: value for key, value in made.items() if value is not None}


def side_by_side(**changes: Any) -> Json:
    """A service with v1 at V1 and v2 at V2, whose front sends to v1; pods stop as most servers do, not at once."""
    made = {
        "strategy": "side-by-side",
        "gate_timeout_seconds": 30,
        **_COMMON,
        "env": {},
        "active": "v1",
        "versions": {"v1": release(V1), "v2": release(V2)},
        **changes,
    }
    return {key: value for key, value in made.items() if value is not None}
