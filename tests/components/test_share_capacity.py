"""What the gate says of the capacity: nothing of a share beside the color that serves, and all of a switch."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from components import BlueGreenSettings
from components.cluster import watch as limits
from components.manifests.content import Content
from components.releases.planned import PlannedRelease
from components.rules.facts import LiveService
from components.rules.labels import both_selector, selector_labels
from components.settings import Release
from components.strategies.blue_green.gate import ReleaseGate
from components.strategies.blue_green.replica_canary import ReplicaCanary
from contract.annotations import COMPLETED
from tests.components.fakes import START, FakeCluster, make_pod


def planned(color: Any, replicas: int) -> PlannedRelease:
    release = Release(version="1.0.0" if color == "blue" else "2.0.0", build=1, image=f"shop:{color}")
    selector = selector_labels("shop", color=color, revision=release.id)
    name, own = f"shop-{release.id}", f"shop-{color}"
    return PlannedRelease(color, release, release.id, replicas, name, {}, selector, Content({}, {}, {}), own, 0, None)


BLUE, GREEN = planned("blue", 3), planned("green", 1)
ROUTE = {"http_route": "public"}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """Blue has the traffic with three pods; green has one."""
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.1)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.001)
    fake = FakeCluster()
    for slot in (BLUE, GREEN):
        labels = {**both_selector("shop"), **slot.selector}
        fake.all_pods += [make_pod(f"{slot.color}-{n}", labels, slot.release.image) for n in range(slot.replicas)]
    fake.live = LiveService(dict(BLUE.selector), START, {COMPLETED: BLUE.revision})
    return fake


def gate_of(cluster: FakeCluster, said: list[str], weight: int, **fields: Any) -> ReleaseGate:
    async def fine(*_: Any) -> None:
        """Nothing is gone, and no address is new."""

    claim: Any = SimpleNamespace(refuse_new_addresses=fine, inventory=SimpleNamespace(refuse_gone=fine))
    given = {"active": "blue", "port": 80, "replicas": 3, "canary": {"weight": weight}, **fields}
    releases = {one.color: {"version": one.release.version, "build": 1, "image": "a:1"} for one in (BLUE, GREEN)}
    settings = BlueGreenSettings.model_validate(given | releases)
    return ReleaseGate(
        *("shop", settings, "ns", cluster, BLUE, GREEN, []), claim=claim, grouped=False, say=said.append, url=str
    )


def warnings(said: list[str]) -> list[str]:
    return [line for line in said if "takes capacity away" in line]


def test_each_step_of_a_canary_by_replicas_takes_no_capacity_away(cluster: FakeCluster, said: list[str]) -> None:
    gate = gate_of(cluster, said, 10)
    assert isinstance(gate.share, ReplicaCanary)
    asyncio.run(gate.share.before())
    asyncio.run(gate.share.after())
    assert said[-1] == "shop: green has 1 of 4 pods, 25 % of new connections"
    asyncio.run(gate.share.before_growth(replace(GREEN, replicas=3)))
    assert warnings(said) == []


def test_nor_does_one_of_a_few_pods_by_labels(cluster: FakeCluster, said: list[str]) -> None:
    by_labels = {"workload": "replica-set", "cutover": "labels", "standby_replicas": 1}
    asyncio.run(gate_of(cluster, said, 10, **by_labels)._admit())
    assert warnings(said) == []


@pytest.mark.parametrize(("weight", "warned"), [(50, 0), (100, 1)])
def test_a_route_that_leaves_nothing_to_the_other_color_is_a_switch(
    cluster: FakeCluster, said: list[str], weight: int, warned: int
) -> None:
    asyncio.run(gate_of(cluster, said, weight, route=ROUTE)._admit())
    assert len(warnings(said)) == warned


def test_a_cutover_to_fewer_pods_than_serve_is_said_still(cluster: FakeCluster, said: list[str]) -> None:
    asyncio.run(gate_of(cluster, said, 0).cutover.check(GREEN.view, timeout_seconds=0.1, checks=()))
    assert warnings(said) == [
        "shop: 3 pods serve now, green is to have 1: the switch takes capacity away; `replicas: 3` keeps as many"
    ]
