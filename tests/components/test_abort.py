"""The end of a release that missed its deadline: scaled to 0 once the engine gave it up, and never while it serves."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from components import BlueGreenSettings, Release
from components.rules.facts import WorkloadSize
from components.rules.ownership import Existing
from components.strategies.blue_green import abort as module
from components.strategies.blue_green.abort import TRIES, Abort
from contract.labels import COMPONENT, INSTANCE, MANAGED_BY
from tests.components.fakes import START, FakeCluster, make_pod, selector_cutover
from tests.components.two_colors import BLUE, GREEN, two_colors


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    fake = two_colors(monkeypatch)
    fake.sizes["shop-green-2-0-0-b1"] = WorkloadSize(START, 2, {}, "7")
    fake.all_pods = [
        one if "blue" in one.name else make_pod(one.name, one.labels, "shop:2", ready=False) for one in fake.all_pods
    ]
    return fake


def missed(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, seconds: float = 61) -> list[str]:
    """What is said after the step of green failed, so long after it had begun."""
    settings = BlueGreenSettings(
        active="blue",
        port=80,
        blue=Release(version="1.0.0", build=1, image="shop:1"),
        progress_deadline_seconds=60,
        abort_on_deadline=True,
    )
    said: list[str] = []
    slot: Any = SimpleNamespace(
        name="shop-green-2-0-0-b1", color="green", revision="2-0-0-b1", view=GREEN, service="shop-green"
    )
    gate: Any = SimpleNamespace(cutover=selector_cutover("shop", cluster, said.append))
    made = Abort("shop", settings, cluster, gate, slot, said.append)
    now = [100.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    async def run() -> bool:
        await made.begin()
        now[0] += seconds
        return await made.failed(None)

    assert asyncio.run(run()) is False, "the engine is to try nothing again"
    return said


def test_what_has_no_traffic_is_scaled_to_nothing(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = missed(cluster, monkeypatch)
    assert cluster.asked == ["scale deployments/shop-green-2-0-0-b1 to 0"]
    assert "green 2-0-0-b1 missed its deadline of 60 s and was scaled to 0 pods" in said


def test_a_step_that_fails_sooner_has_missed_nothing(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    assert missed(cluster, monkeypatch, seconds=59) == []
    assert cluster.asked == []


def test_what_is_ready_or_has_no_pods_is_left(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.sizes["shop-green-2-0-0-b1"] = WorkloadSize(START, 0, {}, "7")
    assert missed(cluster, monkeypatch) == []
    cluster.sizes["shop-green-2-0-0-b1"] = WorkloadSize(START, 2, {}, "7")
    cluster.all_pods = [make_pod(one.name, one.labels, one.image) for one in cluster.all_pods]
    assert missed(cluster, monkeypatch) == []
    assert cluster.asked == []


def test_what_serves_is_never_touched(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.switch(GREEN.selector)
    (said,) = missed(cluster, monkeypatch)
    assert "was not scaled to 0: shop: green is to become the standby, but the live Service still sends to it" in said
    assert cluster.asked == []
    cluster.switch(BLUE.selector)


def service(name: str, selector: Mapping[str, str], role: str = "") -> Existing:
    """A Service: of ours with a role, else somebody's."""
    labels = {COMPONENT: role, MANAGED_BY: "pulumi"} if role else {}
    return Existing("Service", name, labels, {}, selector)


@pytest.mark.parametrize(
    ("ready", "found", "left"),
    [
        (0, service("api", GREEN.selector, "front"), True),  # over environments: unready pods of it get well
        (1, service("api", {INSTANCE: "shop"}, "front"), True),
        (1, service("theirs", {INSTANCE: "shop"}), True),
        (1, service("shop-all", {INSTANCE: "shop"}, "all"), True),
        (0, service("metrics", {INSTANCE: "shop"}), False),  # it sends to nobody
        (1, service("shop-green", GREEN.selector, "preview"), False),  # its own: who looks at a preview is no user
        (1, service("api", BLUE.selector, "front"), False),
        (1, service("outside", {}), False),
    ],
)
def test_what_another_service_sends_to_is_left(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, ready: int, found: Existing, left: bool
) -> None:
    green = [one for one in cluster.all_pods if "green" in one.name]
    for number, one in enumerate(green):
        cluster.all_pods.remove(one)
        cluster.all_pods.append(make_pod(one.name, one.labels, one.image, ready=number < ready))
    cluster.objects = [found]
    (said,) = missed(cluster, monkeypatch)
    assert ("was scaled to 0 pods" in said) is not left
    assert (cluster.asked == []) is left
    assert (f"was not scaled to 0: shop: the Service {found.name} sends to green (green-0" in said) is left


def test_somebody_who_writes_meanwhile_is_not_overwritten(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions: list[str] = []

    async def scale(kind: str, name: str, replicas: int, *, version: str = "") -> bool:
        versions.append(version)
        return False

    monkeypatch.setattr(cluster, "scale", scale)
    (said,) = missed(cluster, monkeypatch)
    assert versions == ["7"] * TRIES
    assert f"changed each of {TRIES} times" in said
