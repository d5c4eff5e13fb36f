"""Each kind of bad config ends in exactly one problem, at its own path, with the value, the reason and the fix."""

import copy
from dataclasses import dataclass
from typing import Any

import pytest

from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.stack.load import parse
from contract.text import quoted

ROOT = "cutover:services"
DIGEST = "sha256:" + "0" * 64
GOOD: dict[str, Any] = {
    "storefront": {
        "strategy": "blue-green",
        "active": "blue",
        "port": 8080,
        "blue": {"version": "1.4.0", "build": 12, "image": "shop:1.4.0"},
        "green": {"version": "1.5.0", "build": 3, "image": f"shop@{DIGEST}"},
    },
    "worker": {
        "strategy": "rolling",
        "port": 8081,
        "release": {"version": "1.0.0", "build": 1, "image": "worker:1.0.0"},
    },
}
REMOVED = object()
LARGE, BIG = tuple(f"K{number}" for number in range(12)), "x" * 87_387


@dataclass(frozen=True)
class Bad:
    """One edit of the good config: `at` is set to `value`; the problem is at `path` (if not `at`) and says `says`."""

    at: str
    value: Any
    says: str
    fix: str
    path: str = ""


SF, WK = "storefront", "worker"
AMOUNT = "neither a count of pods nor a percentage"
CASES = [
    # Kinds of value
    Bad(f"{SF}.replicas", "3", "replicas is '3' (text), a whole number is wanted", "without quotes"),
    Bad(f"{SF}.replicas", 2.5, "replicas is 2.5 (a number), a whole number", "write a whole number for replicas"),
    Bad(f"{SF}.replicas", True, "replicas is true (a truth value)", "write a whole number"),
    Bad(f"{SF}.replicas", None, "replicas is empty", "remove the key"),
    Bad(f"{SF}.replicas", [3], "replicas is a list", "write a whole number"),
    Bad(f"{SF}.recycle", "yes", "recycle is 'yes' (text), true or false is wanted", "without quotes"),
    Bad(f"{SF}.blue.version", 1.5, "version is a number, text is wanted", "quote it as it is written: version: '…'"),
    Bad(f"{SF}.env", {"PORT": 8080}, "PORT is a number, text is wanted", "quote it", f"{SF}.env.PORT"),
    Bad(f"{SF}.blue.env", {"ON": True}, "ON is a truth value, text", "quote it", f"{SF}.blue.env.ON"),
    Bad(f"{SF}.args", "-v -q", "args is '-v -q' (text), a list is wanted", "args: [first, second]"),
    Bad(
        f"{SF}.args",
        ["-v", 12345678],
        "args[1] is a number, text is wanted",
        "quote it as it is written: the item",
        f"{SF}.args[1]",
    ),
    Bad(f"{SF}.blue", "1.4.0", "blue is '1.4.0' (text), a mapping", "write a mapping"),
    Bad(f"{SF}.readiness", "/ready", "readiness is '/ready' (text), a mapping", "write a mapping"),
    # What Kubernetes refuses, or nothing can carry
    Bad(
        f"{SF}.resources",
        {"limits": {"memory": "1e30"}},
        "'1e30' is not a Kubernetes quantity",
        "512Mi",
        f"{SF}.resources.limits.memory",
    ),
    Bad(
        f"{SF}.resources",
        {"limits": {"cpu": "9" * 400}},
        "is not a Kubernetes quantity",
        "250m",
        f"{SF}.resources.limits.cpu",
    ),
    Bad(f"{SF}.replicas", 2**31, "replicas is 2147483648, it must be at most 2147483647", "at most"),
    Bad(f"{SF}.blue.build", 10**5000, "build is a number of 16610 bits, it must be at most", "at most"),
    Bad(f"{WK}.max_unavailable", "101%", "'101%' is more than all pods", "at most 100%"),
    Bad(f"{SF}.max_surge", 2**31, AMOUNT, "whole number"),
    Bad(f"{SF}.image_pull_secrets", ["a", "a"], "'a' is listed twice", "remove one"),
    Bad(f"{SF}.config", {"..foo": "a"}, "'..foo' is not a key", "not '..' first", f'{SF}.config["..foo"]'),
    Bad(f"{SF}.env", {"..foo": "a"}, "'..foo' is not the name", "not '..' first", f'{SF}.env["..foo"]'),
    Bad(f"{SF}.env", {"A": "a\0b"}, "NUL", "leave it out", f"{SF}.env.A"),
    Bad(f"{SF}.env", {"A": "x" * 2**17}, "the value holds 131072 bytes, more than 130560", "file", f"{SF}.env.A"),
    Bad(f"{SF}.args", ["a\0b"], "NUL", "leave it out", f"{SF}.args[0]"),
    Bad(f"{SF}.command", ["x" * 2**17], "131072 bytes, more than 130560", "as a file", f"{SF}.command[0]"),
    Bad(
        f"{SF}.writable_paths", ["/a\0b"], "is not an absolute directory", "the application", f"{SF}.writable_paths[0]"
    ),
    Bad(
        f"{SF}.writable_paths",
        ["/" + "a" * 256],
        "is not an absolute dir",
        "the application",
        f"{SF}.writable_paths[0]",
    ),
    Bad(f"{SF}.env", {"A": "\ud800"}, "half of a surrogate pair", "whole character", f"{SF}.env.A"),
    Bad(f"{SF}.blue.image", f"r/{'a' * 254}:1", "a name of 256 characters, more than 255", "shorter"),
    # Paths
    Bad(f"{SF}.smoke", {"path": "/../../../secrets/x"}, "is not an HTTP path", "'..'", f"{SF}.smoke.path"),
    Bad(f"{SF}.readiness", {"path": "/a%2f..%2fb"}, "is not an HTTP path", "'..'", f"{SF}.readiness.path"),
    # Values that may be secret are not shown
    Bad(f"{SF}.secrets", "hunter2", "secrets is text, a mapping", "write a mapping"),
    Bad(f"{SF}.env", "DB_PASSWORD=hunter2", "env is text, a mapping", "write a mapping"),
    Bad(f"{SF}.env", ["DB_PASSWORD=hunter2"], "env is a list, a mapping", "write a mapping"),
    Bad(f"{SF}.env", {"DB_X=hunter2": "a"}, "'DB_X' is not the name", "no digit first", f'{SF}.env["DB_X=…"]'),
    Bad(f"{SF}.config", "hunter2", "config is text, a mapping", "write a mapping"),
    Bad(f"{SF}.args", "--password=hunter2", "args is '--password=…' (text)", "args: [first, second]"),
    Bad(f"{SF}.blue.image", "https://u:hunter2@r/shop:1", "'https://…@r/shop:1' is not an image", "registry/name"),
    # Ranges
    Bad(f"{SF}.port", 70000, "port is 70000, it must be at most 65535", "set port to at most 65535"),
    Bad(f"{SF}.port", 0, "port is 0, it must be at least 1", "set port to at least 1"),
    Bad(f"{SF}.replicas", 0, "replicas is 0, it must be at least 1", "at least 1"),
    Bad(f"{SF}.blue.build", -1, "build is -1", "at least 0"),
    Bad(f"{SF}.drain_seconds", -5, "drain_seconds is -5", "at least 0"),
    Bad(f"{SF}.smoke", {"path": "/", "interval_seconds": 0}, "0", "more than 0", f"{SF}.smoke.interval_seconds"),
    Bad(f"{SF}.smoke", {"path": "/", "expect_body": ""}, "is empty", "leave", f"{SF}.smoke.expect_body"),
    Bad(f"{SF}.smoke", {"path": "/", "expect_status": 99}, "99", "at least 100", f"{SF}.smoke.expect_status"),
    # Keys
    Bad(f"{SF}.port", REMOVED, "port is missing", "add port: TCP port", f"{SF}.port"),
    Bad(f"{SF}.active", REMOVED, "active is missing", "add active"),
    Bad(f"{SF}.blue.image", REMOVED, "image is missing", "add image"),
    Bad(f"{WK}.release", REMOVED, "release is missing", "add release"),
    Bad(f"{SF}.strategy", REMOVED, "strategy is missing", "strategy: blue-green"),
    Bad(f"{SF}.strategy", "canary", "strategy is 'canary', which does not exist", "strategy: rolling"),
    Bad(f"{SF}.maxSurge", 1, "did you mean max_surge?", "rename maxSurge to max_surge"),
    Bad(f"{SF}.standby_replica", 1, "did you mean standby_replicas?", "rename"),
    Bad(f"{SF}.image", "a:1", "image is not a setting here", "move image below blue or green"),
    Bad(f"{WK}.image", "a:1", "image is not a setting here", "move image below release"),
    Bad(f"{SF}.nonsense", 1, "nonsense is not a setting here", "known here: abort_on_deadline, active, "),
    Bad(
        f"{WK}.release.tag",
        "1",
        "tag is not a setting here",
        "known here: adopt, build, config, config_files, env, image, pod, rollback, secrets, version",
    ),
    # Choices
    Bad(f"{SF}.active", "purple", "active is 'purple', it must be blue or green", "blue or green"),
    Bad(f"{SF}.active", "Green", "active is 'Green'", "write active: green"),
    Bad(f"{SF}.workload", "replicaset", "workload is 'replicaset'", "write workload: replica-set"),
    Bad(f"{SF}.security", {"seccomp": "none"}, "seccomp is 'none'", "RuntimeDefault", f"{SF}.security.seccomp"),
    # Names, images, quantities, paths
    Bad(f"{SF}.blue.version", "1.5+x", "'1.5+x' is not a usable version", "1.5.0-rc.1"),
    Bad(f"{SF}.blue.version", "", "'' is not a usable version", "1.5.0"),
    Bad(f"{SF}.blue.image", "shop", "neither a tag nor a digest", "shop:<tag>"),
    Bad(f"{SF}.blue.image", "host:5000/shop", "neither a tag nor a digest", "host:5000/shop:<tag>"),
    Bad(f"{SF}.blue.image", "shop:latest", "the tag 'latest'", "shop@sha256:<digest>"),
    Bad(f"{SF}.blue.image", "https://host/shop:1", "is not an image reference", "without https://"),
    Bad(f"{SF}.blue.image", "shop@sha256:12", "is not an image reference", "64 hexadecimal digits"),
    Bad(f"{SF}.max_surge", "25", f"'25' is {AMOUNT}", "25%"),
    Bad(f"{SF}.max_surge", -1, f"-1 is {AMOUNT}", "0 or more"),
    Bad(f"{SF}.max_unavailable", 0.25, f"0.25 is {AMOUNT}", "25%"),
    Bad(f"{SF}.env", {"1ST": "x"}, "'1ST' is not the name of", "no digit first", f"{SF}.env.1ST"),
    Bad(f"{SF}.config", {"a/b": "x"}, "'a/b' is not a key", "letters", f'{SF}.config["a/b"]'),
    Bad(f"{SF}.env_from_secrets", ["DB_PASS"], "'DB_PASS' is not", "metadata.name", f"{SF}.env_from_secrets[0]"),
    Bad(f"{SF}.service_account", "Me", "'Me' is not the name", "metadata.name"),
    Bad(
        f"{SF}.writable_paths",
        ["cache"],
        "'cache' is not an absolute",
        "directory the application writes to",
        f"{SF}.writable_paths[0]",
    ),
    Bad(
        f"{SF}.writable_paths",
        ["/"],
        "'/' is not an absolute",
        "directory the application writes to",
        f"{SF}.writable_paths[0]",
    ),
    Bad(f"{SF}.readiness", {"path": "readyz"}, "'readyz' is not an HTTP", "/readyz", f"{SF}.readiness.path"),
    Bad(f"{SF}.resources", {"limits": {"memory": "1GB"}}, "'1GB'", "512Mi", f"{SF}.resources.limits.memory"),
    Bad(f"{SF}.resources", {"limits": {"memory": "128m"}}, "fraction", "512Mi", f"{SF}.resources.limits.memory"),
    Bad(f"{SF}.resources", {"limits": {"cpu": "0.0005"}}, "thousandth", "250m", f"{SF}.resources.limits.cpu"),
    Bad(
        f"{SF}.resources",
        {"limits": {"cpu": 1}},
        "cpu is a number, text is wanted",
        "quote it as it is written: cpu: '…'",
        f"{SF}.resources.limits.cpu",
    ),
    Bad(
        f"{SF}.security",
        {"add_capabilities": ["CAP_CHOWN"]},
        "'CAP_CHOWN' is not a capability",
        "without 'CAP_'",
        f"{SF}.security.add_capabilities[0]",
    ),
    # Probes and ports
    *(
        Bad(f"{SF}.readiness", probe, says, fix, f"{SF}.readiness{path}")
        for probe, says, fix, path in (
            ("no", "readiness is 'no' (text), a mapping", "write a mapping", ""),
            ({"kind": "udp"}, "kind is 'udp', it must be http, tcp, grpc or exec", "one of", ".kind"),
            ({"kind": "tcp", "path": "/x"}, "path is set while kind is tcp", "set kind: http", ".path"),
            ({"kind": "grpc", "port": 9, "host": "a"}, "host is set while kind is grpc", "set kind: http", ".host"),
            ({"kind": "exec"}, "kind is exec, and command is not given", "add command", ".command"),
            ({"kind": "exec", "command": ["a"], "port": 1}, "port is set while kind is exec", "remove", ".port"),
            ({"kind": "grpc", "port": "http"}, "port is 'http' while kind is grpc", "number", ".port"),
            ({"port": "web"}, "'web' is the name of no port here", "write one of http", ".port"),
            ({"port": 0}, "0 is neither the number nor the name", "from 1 to 65535", ".port"),
            ({"headers": {"a b": "c"}}, "'a b' is not the name of an HTTP header", "X-Probe", '.headers["a b"]'),
            ({"headers": {"Authorization": 12345678}}, "is a number, text", "quote it", ".headers.Authorization"),
        )
    ),
    Bad(f"{SF}.ports", {"metrics": 8080}, "8080 is port already", "another number", f"{SF}.ports.metrics"),
    Bad(f"{SF}.ports", {"metrics": 80}, "80 is service_port already", "another number", f"{SF}.ports.metrics"),
    Bad(f"{SF}.ports", {"a": 1, "b": 1}, "1 is a in ports already", "another number", f"{SF}.ports.b"),
    Bad(f"{SF}.ports", {"http": 9}, "the name http is port_name", "another name", f"{SF}.ports.http"),
    Bad(f"{SF}.ports", {"Metrics": 9}, "'Metrics' is not the name of a port", "lower-case", f"{SF}.ports.Metrics"),
    # Workers
    *(
        Bad(WK, {"strategy": "rolling", "release": GOOD[WK]["release"], **fields}, says, fix, f"{WK}.{path}")
        for fields, says, fix, path in (
            ({"service_port": 81}, "service_port is set while port is not", "add port", "service_port"),
            ({"ports": {"metrics": 9}}, "ports is set while port is not", "add port", "ports"),
            ({"adopt_service": True}, "adopt_service is set while port is not", "add port", "adopt_service"),
            ({"readiness": {"path": "/"}}, "readiness asks the port of the container", "a number", "readiness.port"),
            ({"liveness": {"port": "web"}}, "liveness asks a port by name", "kind: exec", "liveness.port"),
        )
    ),
    # Rules between fields: pods
    Bad(
        f"{SF}.resources",
        {"requests": {"cpu": "2"}, "limits": {"cpu": "500m"}},
        "requests 2 of cpu, more than the limit of 500m",
        "raise limits.cpu",
        f"{SF}.resources.requests.cpu",
    ),
    Bad(
        f"{SF}.security",
        {"run_as_user": 0},
        "run_as_user is 0 (root) while run_as_non_root is true",
        "run_as_non_root: false",
        f"{SF}.security.run_as_user",
    ),
    Bad(
        f"{SF}.security",
        {"add_capabilities": ["SYS_ADMIN"]},
        "adds SYS_ADMIN while allow_privilege_escalation is false",
        "leave SYS_ADMIN out",
        f"{SF}.security.add_capabilities",
    ),
    Bad(
        f"{SF}.drain_seconds",
        30,
        "termination_grace_seconds is 30 s, not more than drain_seconds of 30 s",
        "lower drain_seconds below 30",
        f"{SF}.termination_grace_seconds",
    ),
    Bad(
        f"{SF}.min_ready_seconds",
        300,
        "progress_deadline_seconds is 300 s, not more than min_ready_seconds of 300 s",
        "raise progress_deadline_seconds above 300",
        f"{SF}.progress_deadline_seconds",
    ),
    Bad(
        f"{SF}.startup",
        {"period_seconds": 10, "failure_threshold": 30},
        "progress_deadline_seconds is 300 s, but the startup probe lets a pod take 300 s",
        "lower startup.failure_threshold",
        f"{SF}.progress_deadline_seconds",
    ),
    Bad(
        f"{SF}.liveness",
        {"success_threshold": 2},
        "success_threshold is 2; a liveness probe takes 1 only",
        "leave liveness.success_threshold out",
        f"{SF}.liveness.success_threshold",
    ),
    Bad(f"{SF}.writable_paths", ["/cache", "/a", "/cache"], "listed twice", "remove", f"{SF}.writable_paths[2]"),
    Bad(f"{SF}.config", dict.fromkeys(LARGE, BIG), "config holds 1048670 bytes", "move large files"),
    Bad(f"{SF}.env", dict.fromkeys(LARGE, BIG), "env holds 1048670 bytes, a process's", "move large files"),
    Bad(f"{SF}.config_files", {"/a": "x" * 2**20}, "config_files holds 1048578 bytes", "move large files"),
    # Rules between fields: services
    Bad(f"{SF}.active", "green", "active is green, but green has no release", "other color", f"{SF}.green"),
    Bad(f"{SF}.standby_replicas", 3, "standby_replicas is 3, more than the 2 replicas", "lower standby_replicas"),
    Bad(
        f"{SF}.green",
        {"version": "1.4.0", "build": 12, "image": "shop:other"},
        "blue and green are both version 1.4.0 build 12, but differ in image",
        "green.build: 13",
        f"{SF}.green.build",
    ),
    Bad(
        f"{SF}.max_surge",
        0,
        "max_surge 0 and max_unavailable 0 of replicas 2 round to 0 and 0 pods",
        "max_surge: 1",
        f"{SF}.max_unavailable",
    ),
    Bad(f"{WK}.max_surge", "0%", "max_surge '0%' and max_unavailable 0", "max_surge: 1", f"{WK}.max_unavailable"),
    Bad(
        f"{SF}.smoke",
        {"path": "/", "successes": 100, "interval_seconds": 1},
        "100 successes 1 s apart take 99 s, but timeout_seconds is 30 s",
        "raise timeout_seconds above 99",
        f"{SF}.smoke.timeout_seconds",
    ),
    Bad(
        f"{SF}.smoke",
        {"path": "/", "request_timeout_seconds": 31},
        "request_timeout_seconds is 31 s, more than the 30 s of the whole check",
        "lower request_timeout_seconds to 30",
        f"{SF}.smoke.request_timeout_seconds",
    ),
    Bad(
        f"{WK}.autoscale",
        {"min_replicas": 2, "max_replicas": 4},
        "autoscale aims at 70 % of a CPU request that is not set",
        "set resources.requests.cpu",
        f"{WK}.autoscale.cpu_percent",
    ),
    Bad(
        f"{WK}.autoscale",
        {"min_replicas": 4, "max_replicas": 2},
        "min_replicas is 4, more than max_replicas of 2",
        "raise max_replicas",
        f"{WK}.autoscale.min_replicas",
    ),
    Bad(f"{SF}.cutover", "labels", "cutover is labels while workload is deployment", "set workload: replica-set"),
    Bad(f"{SF}.overlap_seconds", 5, "overlap_seconds is set while cutover is selector", "set cutover: labels"),
    # Names of services
    Bad("Shop", GOOD[WK], "'Shop' (4 characters) is not a usable service name", "lower-case"),
    Bad("x" * 41, GOOD[WK], "(41 characters) is not a usable service name", "at most 40"),
    Bad("storefront-green", GOOD[WK], "would both make a Service named 'storefront-green'", "rename"),
]


def problems(services: Any, namespace: Any = "shop") -> list[Problem]:
    with pytest.raises(ConfigError) as refused:
        parse(namespace, services)
    return refused.value.problems


def edited(at: str, value: Any) -> dict[str, Any]:
    services = copy.deepcopy(GOOD)
    if at == f"{SF}.active" and value == "green":
        del services[SF]["green"]
    *parents, key = at.split(".")
    place = services
    for parent in parents:
        place = place[parent]
    if value is REMOVED:
        del place[key]
    else:
        place[key] = value
    return services


@pytest.mark.parametrize(
    "bad", CASES, ids=lambda bad: f"{bad.at}={'removed' if bad.value is REMOVED else quoted(bad.value, 30)}"
)
def test_one_problem_at_its_own_path(bad: Bad) -> None:
    assert_refused(bad)


def assert_refused(bad: Bad) -> None:
    """The bad config ends in exactly one problem, at its own path, in words of the config."""
    found = problems(edited(bad.at, bad.value))
    assert [problem.path for problem in found] == [f"{ROOT}.{bad.path or bad.at}"]
    (problem,) = found
    assert bad.says in problem.what or bad.says in problem.path
    assert bad.fix in problem.fix
    assert len(problem.why) > 20
    assert "hunter2" not in str(problem)
    words = str(problem).lower()
    assert [
        jargon for jargon in ("pydantic", "input", "http://", "function", "tuple", "dict", "_type") if jargon in words
    ] == []


def test_the_good_config_is_good() -> None:
    settings = parse("shop", GOOD)
    assert list(settings.services) == ["storefront", "worker"]
