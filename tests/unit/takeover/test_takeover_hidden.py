"""Probes, hooks and triggers that hold a secret are not written, and each is listed."""

import json
from typing import Any

import pytest

from components.takeover.entries import entries
from tests.unit.takeover.test_kinds import deployment, judged, pod_of, service

Json = dict[str, Any]
EXEC = {"exec": {"command": ["mysqladmin", "ping", "-uroot", "--password=hunter2"]}}
HEADER = {"httpGet": {"port": 8080, "httpHeaders": [{"name": "Authorization", "value": "Basic dXNlcjpodW50ZXIy"}]}}
KEY = {"httpGet": {"port": 8080, "httpHeaders": [{"name": "X-Api-Key", "value": "hunter2"}]}}
PATH = {"httpGet": {"port": 8080, "path": "/health?token=hunter2"}}
SHELL = {"exec": {"command": ["sh", "-c", "curl -H 'Authorization: Bearer hunter2hunter2' x"]}}
PLAIN = {"httpGet": {"port": 8080, "path": "/health", "httpHeaders": [{"name": "X-Probe", "value": "kubelet"}]}}
REFERS = {"exec": {"command": ["sh", "-c", "mysqladmin ping --password=$PASSWORD"]}}


def written(web: Json, *others: Json) -> tuple[str, list[str]]:
    made = entries([web, service(), *others], blue_green=True)
    assert made["refused"] == {}
    return json.dumps(made["services"]["web"]), made["lost"]["web"]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("field", "action", "line"),
    [
        *(("livenessProbe", action, "liveness") for action in (EXEC, HEADER, KEY, PATH)),
        *(("startupProbe", action, "startup") for action in (EXEC, HEADER)),
        *(("readinessProbe", action, "readiness") for action in (EXEC, HEADER, KEY)),
        ("lifecycle", {"postStart": SHELL}, "lifecycle.postStart"),
        ("lifecycle", {"preStop": SHELL}, "lifecycle.preStop"),
    ],
)
def test_a_probe_or_hook_with_a_secret_is_not_written(place: int, field: str, action: Json, line: str) -> None:
    web = deployment()
    pod_of(web)["containers"].append({"name": "log", "image": "log:1"})
    pod_of(web)["containers"][place][field] = action
    text, (said,) = written(web)
    assert "hunter2" not in text
    assert "dXNlcjpodW50ZXIy" not in text
    assert said.startswith((line, field))
    assert "it looks like a secret, so it is not written to the file" in said
    assert ("gates may refuse" in said) is (field == "readinessProbe" and place == 0)


@pytest.mark.parametrize("action", [PLAIN, REFERS])
def test_one_without_is_kept(action: Json) -> None:
    web = deployment()
    pod_of(web)["containers"][0] |= {"livenessProbe": action, "lifecycle": {"postStart": action}}
    assert written(web)[1] == []
    assert judged(web, service()) == ("whole", [])


def test_pods_pause_before_they_stop_where_their_own_hook_is_not_written() -> None:
    web = deployment()
    main = pod_of(web)["containers"][0]
    main["lifecycle"] = {"preStop": SHELL, "postStart": PLAIN}
    made = entries([web, service()], blue_green=False)["services"]["web"]
    assert "drain_seconds" not in made
    (app,) = made["pod"]["spec"]["containers"]
    assert list(app["lifecycle"]) == ["postStart"]
    pod_of(web)["terminationGracePeriodSeconds"] = 4  # has no room for the usual pause
    assert entries([web, service()], blue_green=False)["services"]["web"]["drain_seconds"] == 0


def test_a_worker_without_its_probe_is_ready_by_time() -> None:
    web = deployment()
    pod_of(web)["containers"][0]["readinessProbe"] = EXEC
    made = entries([web], blue_green=False)
    assert "readiness" not in made["services"]["web"]
    assert "counts as ready once it has run for a while" in made["lost"]["web"][0]


def test_the_value_of_a_trigger_that_holds_a_secret_is_not_written() -> None:
    metadata = {
        "host": "amqp://guest:hunter2@rabbit/v",
        "password": "hunter2",
        "passwordFromEnv": "RABBIT_PASSWORD",
        "queueName": "orders",
        "url": "amqp://rabbit/v",
    }
    spec = {"minReplicaCount": 2, "triggers": [{"type": "rabbitmq", "metadata": metadata}, {"type": "cron"}]}
    scaled = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "web"},
        "spec": {**spec, "scaleTargetRef": {"name": "web"}},
    }
    text, said = written(deployment(), scaled)
    assert "hunter2" not in text
    assert [line.partition(":")[0] for line in said] == [
        "host of the trigger rabbitmq",
        "password of the trigger rabbitmq",
    ]
    assert "use authenticationRef, or a key that ends in FromEnv" in said[0]
    (kept, cron) = json.loads(text)["autoscaler"]["spec"]["triggers"]
    assert sorted(kept["metadata"]) == ["passwordFromEnv", "queueName", "url"]
    assert cron == {"type": "cron"}
