"""Inputs that are nearly good: good ones with a few wrong edits, and words that have been trouble somewhere."""

import copy
import json
from typing import Any

from hypothesis import strategies as st

DIGEST = "sha256:" + "0" * 64
BLUE = {"version": "1.4.0", "build": 12, "image": "shop:1.4.0", "env": {"A": "x"}, "config": {"B": "y"}}
GREEN = {"version": "1.5.0", "build": 3, "image": f"r.example:5000/a/shop@{DIGEST}", "secrets": {"C": "db"}}
PROBE = {"path": "/readyz", "port": 8081, "period_seconds": 5}
POD = {
    "port": 8080, "readiness": PROBE, "startup": PROBE, "args": ["-v"], "command": ["/app"], "env": {"A": "1"},
    "config": {"B": "2"}, "config_files": {"/etc/a": "x"}, "writable_paths": ["/data"], "image_pull_secrets": ["a"],
    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}, "drain_seconds": 5,
    "security": {"run_as_user": 1000, "add_capabilities": ["NET_BIND_SERVICE"]}, "max_surge": "25%",
    "max_unavailable": 0, "service_account": "shop", "env_from_secrets": ["s"], "env_from_config_maps": ["c"],
}  # fmt: skip
SMOKE = {"path": "/version", "expect_body": "{version}", "interval_seconds": 0.5}
JOB = {"args": ["migrate"], "env": {"A": "1"}, "timeout_seconds": 60}
BLUE_GREEN = {
    "strategy": "blue-green", "active": "blue", "blue": BLUE, "green": GREEN, **POD, "smoke": SMOKE,
    "before_cutover": JOB, "standby_replicas": 1, "replicas": 3, "scale_down_after": "1h30m",
    "active_metadata": {"labels": {"role": "active"}, "annotations": {"a.example/b": "c d"}},
    "keep": 3, "kept": [{"version": "1.3.0", "build": 2, "image": "shop:1.3.0", "config": {"B": "z"}}],
}  # fmt: skip
ROLLING = {"strategy": "rolling", "release": BLUE, **POD, "autoscale": {"min_replicas": 2, "max_replicas": 4}}
CLAIM = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
SET = {
    "strategy": "rolling", "release": GREEN, "workload": "stateful-set", "port": 5432, "replicas": 3,
    "volume_claims": {"state": CLAIM}, "claim_retention": {"when_scaled": "delete"}, "pod_management": "parallel",
    "governing_service": "db",
}  # fmt: skip
BESIDE = {"strategy": "side-by-side", "versions": {"v1": BLUE, "v2": GREEN}, "active": "v1", **POD}
BUILDS = {name: {"services": {"web": {**ROLLING}}} for name in ("coco-1", "coco-2")}
STACK: dict[str, Any] = {
    "namespace": "shop",
    "services": {"shop": BLUE_GREEN, "api": BLUE_GREEN, "worker": ROLLING, "till": BESIDE, "db": SET},
    "groups": {"pair": {"active": "blue", "services": ["api"]}},
    "environments": {"active": "coco-1", "builds": BUILDS, "fronts": ["web"], "smoke": {"web": SMOKE}},
}

WORDS = st.sampled_from([
    "", " ", "on", "NO", "22:30", "1e30", "1.10", "~", "null", "<<", "*a", "&a b", "!!str", "'", '"', "#", "a: b",
    "- a",
    "\0", "\x1b[31m", "\n", "a\r\nb", "\u202e", "\ufeff", "\x85", "\u2028", "::error::x", "[bold]",
    "..", "../x", "..foo", ".",
    "101%", "100%", "9999%", "-1", "+Inf", "0x10", "1_000", "2001-01-01", "{version}", "%", "%2e%2e/", "/..", "//",
    "/a/../b",
    "a" * 64, "a" * 254, "a" * 300, "kube-system", "kubernetes", "latest", "shop:latest", DIGEST, "Ω", "😀", "é" * 200,
    "hunter2", "PASSWORD=hunter2", "https://u:hunter2@h/x", "${HOME}", "$(HOST)", "9" * 400, "512Mi", "1e18", "0.0001",
    "coco-1", "v1", "blue", "green", "shop", "shop-green", "shop-v1", "x-1", "labels", "replica-set",
    "/data", "/etc/a/b",
]) | st.text(max_size=12)  # fmt: skip
NUMBERS = st.sampled_from([
    0, 1, -1, 2, 80, 255, 65535, 65536, 2**31 - 1, 2**31, 2**53, 2**63, 2**64, 10**400, 0.5, 1e30, -0.0, 1e-9,
]) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)  # fmt: skip
HALVES = st.sampled_from(["\ud800", "a\udfff", "\ud83d"])
SCALARS = WORDS | NUMBERS | st.none() | st.booleans()
VALUES = st.recursive(
    SCALARS | HALVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=4,
)
KEYS = st.sampled_from(
    sorted(
        {
            *BLUE_GREEN,
            *ROLLING,
            *SET,
            "partition",
            *BESIDE,
            *BLUE,
            *GREEN,
            *SMOKE,
            *JOB,
            "liveness",
            "rollback",
            "adopt",
        }
    )
)


@st.composite
def edited(draw: st.DrawFn, good: Any, values: st.SearchStrategy[Any], most: int = 3) -> Any:
    """A copy of good data with some of it replaced, removed, moved or added."""
    made = json.loads(json.dumps(good))
    for _ in range(draw(st.integers(1, most))):
        here, key = made, None
        while isinstance(here, dict | list) and here and (key is None or draw(st.integers(0, 4))):
            parent = here
            key = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
            here = parent[key]
        if key is None:
            return draw(values)
        _edit(draw, made, parent, key, values)
    return made


def _edit(draw: st.DrawFn, made: Any, parent: Any, key: Any, values: st.SearchStrategy[Any]) -> None:
    kind = draw(st.sampled_from(["set", "set", "remove", "add", "copy"]))
    if kind == "remove":
        del parent[key]
    elif kind == "add" and isinstance(parent, dict):
        parent[draw(KEYS | WORDS)] = draw(values)
    elif kind == "add":
        parent.append(draw(values))
    elif kind == "copy":
        parent[key] = copy.deepcopy(draw(st.sampled_from([made, parent])))
    else:
        parent[key] = draw(values)


STACKS = edited(STACK, VALUES)
# What the models may well take: the kinds of value are right, so that their bounds are what is tried.
LIKELY = (
    st.sampled_from(["1", "a", "A", "/x", "/x/y", "1m", "1Ki", "1.5", "x:1", "a.b", "a-b", "NET_ADMIN", "50%"])
    | NUMBERS
)
NEARLY = edited(STACK, LIKELY | WORDS, most=1)
