"""Two colors of one service in a cluster in memory, blue live; and the gate before a switch to green."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from components.checks.smoke import Smoke
from components.cluster import watch as limits
from components.releases.view import ReleaseView
from components.rules.labels import selector_labels
from components.settings import Release, SmokeCheck
from components.strategies.cutover import Cutover
from tests.components.fakes import FakeCluster, make_pod
from tests.patience import PATIENCE_SECONDS


def view(color: Any, version: str = "1.0.0", image: str = "shop:1", replicas: int = 2) -> ReleaseView:
    """A release of the service `shop`."""
    release = Release(version=version, build=1, image=image)
    selector = selector_labels("shop", color=color, revision=release.id)
    return ReleaseView(color, release, release.id, selector, replicas, stop_seconds=1)


BLUE, GREEN = view("blue"), view("green", "2.0.0", "shop:2")


def two_colors(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """The cluster with two ready pods of each color. What is polled is polled fast."""
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.3)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.01)
    fake = FakeCluster()
    fake.all_pods = [make_pod(f"blue-{i}", BLUE.selector, "shop:1") for i in range(2)]
    fake.all_pods += [make_pod(f"green-{i}", GREEN.selector, "shop:2") for i in range(2)]
    fake.switch(BLUE.selector)
    return fake


def smoke(timeout_seconds: float = PATIENCE_SECONDS) -> Smoke:
    """A smoke check of green that wants two answers with its version in a row."""
    check = {"path": "/version", "expect_body": "{version}", "successes": 2, "interval_seconds": 0.01}
    return Smoke(SmokeCheck.model_validate(check | {"timeout_seconds": timeout_seconds}), "shop-green")


def run(gate: Coroutine[Any, Any, None]) -> None:
    """Run it to its end."""
    asyncio.run(gate)


def before_switch(gates: Cutover, smoke: Smoke | None = None) -> None:
    """The gate before the switch to green."""
    run(gates.check(GREEN, timeout_seconds=0.2, checks=(smoke,) if smoke else ()))
    run(gates.before_switch(GREEN, timeout_seconds=0.2))
