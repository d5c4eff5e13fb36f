"""A component's namespace never changes."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components import BlueGreenService, Environments, Release, ReleaseGroup, RollingApp, SideBySide
from components.hooks import component
from components.hooks.engine import hook_with_arguments
from components.rules.errors import NamespaceChanged
from tests.components.fakes import FakeCluster, Recorder, run_program

ONE = Release(version="1.0.0", build=1, image="shop:1")
Gate = Callable[[Any], Awaitable[None]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Gate]:
    """What is asked before an update, by the hook's name."""
    found: dict[str, Gate] = {}

    def keep(name: str, gate: Gate, *, on_dry_run: bool) -> pulumi.ResourceHook:
        assert on_dry_run
        found[name] = gate
        return hook_with_arguments(name, gate, on_dry_run=on_dry_run)

    monkeypatch.setattr(component, "hook_with_arguments", keep)
    return found


@pytest.mark.parametrize("kind", [RollingApp, BlueGreenService, ReleaseGroup, SideBySide, Environments])
def test_each_kind_asks(kind: type[pulumi.ComponentResource]) -> None:
    assert issubclass(kind, component.Component)


@pytest.mark.parametrize("before", [{"namespace": "ns"}, {}, None])
def test_the_same_namespace_and_a_state_that_says_none(
    recorder: Recorder, cluster: FakeCluster, asked: dict[str, Gate], before: dict[str, str] | None
) -> None:
    run_program(lambda: RollingApp("app", namespace="ns", cluster=cluster, port=80, release=ONE).address)
    asyncio.run(asked["RollingApp-app-stays"](SimpleNamespace(old_inputs=before)))  # type: ignore[arg-type]


def test_another_namespace_is_refused_with_both_and_the_way(
    recorder: Recorder, cluster: FakeCluster, asked: dict[str, Gate]
) -> None:
    run_program(lambda: RollingApp("app", namespace="ns", cluster=cluster, port=80, release=ONE).address)
    with pytest.raises(NamespaceChanged) as refused:
        asyncio.run(asked["RollingApp-app-stays"](SimpleNamespace(old_inputs={"namespace": "old\n"})))  # type: ignore[arg-type]
    said = str(refused.value)
    assert "app is in namespace old, and the config says ns" in said
    assert "set the namespace to old again" in said
    assert said.endswith("code: namespace.changed")
