"""A fragment of a pod template says what has no key, and nothing that the release logic or a key decides."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from components.rules.errors import ConfigError
from components.stack import schema
from components.stack.load import parse
from tests.unit.settings.test_settings_bad_config import GOOD, SF, WK, Bad, assert_refused, edited

CASES = [
    Bad(f"{SF}.pod", [], "pod is a list, a mapping", "write a mapping"),
    Bad(f"{SF}.pod", {"containers": []}, "no field of PodTemplateSpec", "metadata, spec", f"{SF}.pod.containers"),
    Bad(f"{SF}.pod", {"spec": {"volume": []}}, "did you mean volumes?", "rename volume", f"{SF}.pod.spec.volume"),
    Bad(f"{SF}.pod", {"spec": {"replicas": 3}}, "replicas is no field", "beside pod", f"{SF}.pod.spec.replicas"),
    Bad(f"{SF}.pod", {"spec": {"strategy": {}}}, "no field", "max_surge and max_unav", f"{SF}.pod.spec.strategy"),
    Bad(
        f"{SF}.blue.pod",
        {"spec": {"hostNetwork": "no"}},
        "hostNetwork is text, true or false is wanted",
        "without quotes",
        f"{SF}.blue.pod.spec.hostNetwork",
    ),
    Bad(f"{SF}.pod", {"spec": None}, "spec is taken away", "remove spec here", f"{SF}.pod.spec"),
    Bad(
        f"{SF}.pod",
        {"metadata": {"labels": {"app.kubernetes.io/instance": "x"}}},
        "is a label that the program gives to its pods",
        "a key of your own",
        f'{SF}.pod.metadata.labels["app.kubernetes.io/instance"]',
    ),
    Bad(
        f"{WK}.release.pod",
        {"metadata": {"labels": {"cutover.dev/live": "true"}}},
        "is a label that the program gives to its pods",
        "a key of your own",
        f'{WK}.release.pod.metadata.labels["cutover.dev/live"]',
    ),
    Bad(
        f"{SF}.pod",
        {"spec": {"terminationGracePeriodSeconds": 60}},
        "terminationGracePeriodSeconds is set in pod",
        "write termination_grace_seconds",
        f"{SF}.pod.spec.terminationGracePeriodSeconds",
    ),
    Bad(
        f"{SF}.pod",
        {"spec": {"restartPolicy": "Never"}},
        "restartPolicy is set in pod",
        "remove it",
        f"{SF}.pod.spec.restartPolicy",
    ),
    Bad(
        f"{SF}.pod",
        {"spec": {"schedulingGates": [{"name": "a/b"}]}},
        "schedulingGates is set in pod",
        "remove it",
        f"{SF}.pod.spec.schedulingGates",
    ),
    Bad(
        f"{SF}.pod",
        {"spec": {"containers": [{"$patch": "replace"}, {"name": "x", "image": "x:1"}]}},
        "all containers are replaced",
        "name the entries that change",
        f'{SF}.pod.spec.containers[0]["$patch"]',
    ),
    Bad(
        f"{SF}.pod",
        {"spec": {"containers": [{"$patch": "delete", "name": "app"}]}},
        "the container app is replaced or deleted",
        "remove it",
        f'{SF}.pod.spec.containers[0]["$patch"]',
    ),
    *(
        Bad(
            f"{SF}.pod",
            {"spec": {"containers": [{"name": "app", **entry}]}},
            says,
            fix,
            f"{SF}.pod.spec.containers[0]{path}",
        )
        for entry, says, fix, path in (
            ({"image": "x:1"}, "the image of the container app is set in pod", "beside its version", ".image"),
            ({"readinessProbe": None}, "the readiness probe of the container", "as readiness", ".readinessProbe"),
            (
                {"lifecycle": {"preStop": {"sleep": {"seconds": 9}}}},
                "is set in pod while drain_seconds is 5",
                "set drain_seconds: 0",
                ".lifecycle.preStop",
            ),
            (
                {"ports": [{"containerPort": 9000, "name": "http"}]},
                "port 9000 is called http, as another port of app is",
                "another port_name",
                ".ports[0].name",
            ),
            (
                {"env": [{"$patch": "replace"}, {"value": "x"}]},
                "env[1] has no name",
                "add name",
                ".env[1]",
            ),
            ({"lifecycle": None}, "while drain_seconds is 5", "set drain_seconds: 0", ".lifecycle"),
            ({"ports": None}, "port 8080 is not among them as 'http'", "containerPort: 8080", ".ports"),
            (
                {"ports": [{"containerPort": 8080, "name": "web"}]},
                "port 8080 loses its name 'http'",
                "the names are those of port_name",
                ".ports[0].name",
            ),
            (
                {"env": [{"name": "A", "value": 12345678}]},
                "value is a number, text is wanted",
                "quote it",
                ".env[0].value",
            ),
            (
                {"env": [{"name": "A"}, {"name": "A"}]},
                "name 'A' is in env twice",
                "remove one",
                ".env[1].name",
            ),
        )
    ),
    Bad(
        f"{WK}.release",
        {
            "version": "1.0.0",
            "build": 1,
            "image": "worker:1.0.0",
            "env": {"A": "hunter2"},
            "pod": {"spec": {"containers": [{"name": "app", "env": [{"name": "A", "value": "hunter2"}]}]}},
        },
        "A is given here and by env (A)",
        "keep one of the two",
        f"{WK}.release.pod.spec.containers[0].env[0].name",
    ),
]


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.path or bad.at)
def test_one_problem_at_its_own_path(bad: Bad) -> None:
    assert_refused(bad)


PROXY: dict[str, Any] = {"name": "proxy", "image": "proxy:1", "ports": [{"containerPort": 9090, "name": "http"}]}
FIRST = "the container proxy stands before app, and its port 9090 is called http too"


def of(*containers: Any) -> dict[str, Any]:
    return {"spec": {"containers": list(containers)}}


@pytest.mark.parametrize(
    ("pod", "release", "at"),
    [
        (of(PROXY, {"name": "app"}), None, "pod"),
        (of({"name": "app"}), of(PROXY), "blue.pod"),  # a merge puts what is new first
        (of(PROXY), of({"name": "proxy"}, {"name": "app"}), "pod"),
        (None, of(PROXY, {"name": "app"}), "blue.pod"),
    ],
)
def test_a_name_of_the_application_s_is_no_name_of_a_container_before_it(pod: Any, release: Any, at: str) -> None:
    services = edited(f"{SF}.pod", pod or {})
    services[SF]["blue"]["pod"] = release or {}
    with pytest.raises(ConfigError) as raised:
        parse("shop", services)
    (problem,) = raised.value.problems
    assert problem.path == f"cutover:services.{SF}.{at}.spec.containers[0].ports[0].name"
    assert (problem.what, "another port_name" in problem.fix) == (FIRST, True)


def test_nor_one_of_a_further_port() -> None:
    services = edited(f"{SF}.ports", {"admin": 9100})
    services[SF]["pod"] = of({**PROXY, "ports": [{"containerPort": 9090, "name": "admin"}]}, {"name": "app"})
    with pytest.raises(ConfigError, match="choose another key in ports"):
        parse("shop", services)


RENAMED = {"name": "proxy", "ports": [{"containerPort": 9090, "name": "admin"}]}


@pytest.mark.parametrize(
    ("pod", "release"),
    [
        (of(PROXY), None),  # no fragment says where app stands, so it comes first
        (of({"name": "app"}, PROXY), None),
        (of(PROXY, {"name": "app"}), of(RENAMED, {"name": "app"})),
        (of({**PROXY, "ports": [{**PROXY["ports"][0], "protocol": "UDP"}]}, {"name": "app"}), None),
        ({"spec": {"initContainers": [{**PROXY, "restartPolicy": "Always"}], "containers": [{"name": "app"}]}}, None),
    ],
)
def test_it_is_one_of_a_container_that_kubernetes_looks_at_later(pod: Any, release: Any) -> None:
    services = edited(f"{WK}.pod", pod)
    services[WK]["release"]["pod"] = release or {}
    assert parse("shop", services)


APP: dict[str, Any] = {
    "name": "app",
    "env": [{"name": "B"}, {"name": "C", "value": "$(B)"}],
    "ports": [{"containerPort": 9090, "name": "metrics"}],
    "lifecycle": {"postStart": {"exec": {"command": ["true"]}}},
    "livenessProbe": {"exec": {"command": ["true"]}},
    "resources": {"limits": {"ephemeral-storage": "1Gi", "example.com/gpu": 1}},
    "securityContext": {"readOnlyRootFilesystem": False},
}
FRAGMENT: dict[str, Any] = {
    "metadata": {"labels": {"team": "shop", "app.kubernetes.io/name": "x"}, "annotations": {"a.b/c": "d"}},
    "spec": {
        "restartPolicy": "Always",
        "initContainers": [{"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}],
        "containers": [APP, {"name": "log", "image": "log:1"}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
        "nodeSelector": {"disk": "ssd"},
        "securityContext": None,
    },
}


def test_all_else_is_taken() -> None:
    parsed = parse("shop", edited(f"{SF}.pod", FRAGMENT)).services[SF]
    assert parsed.pod == FRAGMENT
    assert parse("shop", edited(f"{WK}.release.pod", FRAGMENT)).services[WK].release.pod == FRAGMENT  # type: ignore[union-attr]


def test_a_key_and_the_fragment_of_another_release_are_two_things() -> None:
    services = edited(
        f"{SF}.blue.pod", {"spec": {"containers": [{"name": "app", "env": [{"name": "A", "value": "1"}]}]}}
    )
    services[SF]["green"]["env"] = {"A": "2"}
    assert parse("shop", services)
    assert "pod" not in GOOD[SF]


def _in_a_file(services: dict[str, Any]) -> dict[str, Any]:
    return {"config": {"cutover:namespace": "shop", "cutover:services": services}}


SCHEMA = jsonschema.Draft202012Validator(schema.stack_schema())


def test_an_editor_takes_what_the_program_takes() -> None:
    services = edited(f"{SF}.pod", FRAGMENT)
    services[SF]["blue"]["pod"] = {"spec": {"containers": [{"$patch": "delete", "name": "log"}], "dnsPolicy": None}}
    assert list(SCHEMA.iter_errors(_in_a_file(services))) == []


@pytest.mark.parametrize(
    "fragment",
    [
        {"spec": {"volume": []}},
        {"spec": {"hostNetwork": "no"}},
        {"spec": {"dnsPolicy": "clusterfirst"}},
        {"spec": {"containers": {"name": "x"}}},
        {"metadata": {"labels": {"a": 1}}},
    ],
)
def test_an_editor_shows_what_the_program_refuses(fragment: dict[str, Any]) -> None:
    assert not SCHEMA.is_valid(_in_a_file(edited(f"{SF}.pod", fragment)))
