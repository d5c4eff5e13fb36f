"""What is in the config no more is said before it ends, with what it serves."""

import asyncio
from typing import Any

import pulumi
import pytest

from components.hooks.removal import warn_of_endings
from components.rules.labels import object_labels, selector_labels
from components.rules.ownership import Existing
from contract.annotations import STACK
from contract.labels import COLOR, REVISION
from tests.components.fakes import FakeCluster, make_pod

OWN = "cutover/test"


def service(name: str, role: str = "live", stack: str = OWN, **labels: str) -> Existing:
    made = object_labels(name, part_of="cutover", component=role) | labels
    return Existing("Service", name, made, {STACK: stack}, selector_labels(name, color="blue", revision="1-0-0-b1"))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(pulumi, "get_project", lambda: "cutover")
    monkeypatch.setattr(pulumi, "get_stack", lambda: "test")
    monkeypatch.setattr(pulumi, "warn", lambda text, *_: found.append(text))
    return found


def test_a_service_that_ends_is_named_with_what_serves(cluster: FakeCluster, said: list[str]) -> None:
    labels: dict[str, Any] = {**selector_labels("web"), COLOR: "blue", REVISION: "1-0-0-b1"}
    cluster.all_pods = [make_pod("web-1", labels), make_pod("web-2", labels, ready=False)]
    cluster.objects = [
        service("web"),
        service("shop"),
        service("web-blue", "preview"),
        service("other", stack="rival/test"),
        service("api-v1", **{"app.kubernetes.io/name": "api"}),
    ]
    asyncio.run(warn_of_endings(cluster, ["shop", "api"]))
    assert said == [
        "web: it is in the config no more, so this run ends it: its Service, which sends to blue 1-0-0-b1 (1 pod "
        "ready), is deleted"
    ]


def test_a_front_and_what_was_adopted_are_named_too(cluster: FakeCluster, said: list[str]) -> None:
    theirs = Existing("Service", "old", {"app": "old"}, {STACK: OWN}, {"app": "old"})
    cluster.objects = [service("front", "front"), theirs]
    asyncio.run(warn_of_endings(cluster, []))
    assert [line.partition(":")[0] for line in said] == ["front", "old"]


def test_nothing_is_said_where_all_is_in_the_config(cluster: FakeCluster, said: list[str]) -> None:
    cluster.objects = [service("web")]
    asyncio.run(warn_of_endings(cluster, ["web"]))
    assert said == []
