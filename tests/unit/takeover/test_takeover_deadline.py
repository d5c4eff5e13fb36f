"""A rollout may take as long as the pods of the manifest may take to start."""

from typing import Any

import pytest

from components.takeover.entries import entries
from tests.unit.takeover.test_kinds import deployment, pod_of, service

Json = dict[str, Any]


def slow(tries: int, **spec: Any) -> Json:
    made = deployment(**spec)
    probe = {"httpGet": {"path": "/s", "port": 8080}, "failureThreshold": tries}
    pod_of(made)["containers"][0]["startupProbe"] = probe
    return made


@pytest.mark.parametrize(
    ("web", "seconds"),
    [
        (slow(29), None),
        (slow(50), 600),
        (slow(70), 760),
        (slow(50, progressDeadlineSeconds=600), 600),
        (slow(3, minReadySeconds=400), 600),
    ],
)
def test_the_deadline_leaves_room_for_the_startup_probe(web: Json, seconds: int | None) -> None:
    made = entries([web, service()], blue_green=True)
    assert made["lost"] == {"web": []}
    assert made["services"]["web"].get("progress_deadline_seconds") == seconds
    assert "startup" in made["services"]["web"]


def test_so_it_does_of_a_stateful_set() -> None:
    db = {**slow(60, serviceName="web"), "kind": "StatefulSet"}
    made = entries([db, service()], blue_green=False)
    assert made["services"]["web"]["progress_deadline_seconds"] == 660
    assert made["lost"] == {"web": []}


def test_a_deadline_of_its_own_that_is_shorter_is_kept_and_said() -> None:
    made = entries([slow(50, progressDeadlineSeconds=100), service()], blue_green=True)
    assert made["services"]["web"]["progress_deadline_seconds"] == 100
    (line,) = made["lost"]["web"]
    assert line.startswith("progress_deadline_seconds 100: the startup probe lets a pod take 500 s")
    assert "write more than 500" in line
