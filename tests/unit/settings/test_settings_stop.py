"""The times in which a pod stops fit into each other."""

from typing import Any

import pytest

from components.podspec.advice import advice
from components.rules.errors import ConfigError
from components.settings.parse import from_fields
from components.strategies.rolling.settings import RollingSettings

RELEASE = {"version": "1.0.0", "build": 1, "image": "shop:1"}


def parsed(**fields: Any) -> RollingSettings:
    return from_fields(RollingSettings, {"strategy": "rolling", "replicas": 1, "release": RELEASE, **fields}, "shop")


@pytest.mark.parametrize(
    "fields",
    [
        {"port": 80, "drain_seconds": 0, "termination_grace_seconds": 0},
        {"termination_grace_seconds": 0},  # a worker has no pause, unless it asks for one
        {"termination_grace_seconds": 3},
    ],
)
def test_a_pod_may_be_ended_at_once_where_nothing_waits(fields: dict[str, Any]) -> None:
    assert parsed(**fields).termination_grace_seconds == fields["termination_grace_seconds"]


@pytest.mark.parametrize(
    "fields",
    [
        {"port": 80, "termination_grace_seconds": 0},
        {"port": 80, "drain_seconds": 3, "termination_grace_seconds": 3},
        {"drain_seconds": 3, "termination_grace_seconds": 0},
    ],
)
def test_a_pause_needs_a_longer_grace(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="not more than drain_seconds") as raised:
        parsed(**fields)
    assert ("set drain_seconds: 0" in str(raised.value)) is (fields["termination_grace_seconds"] == 0)


def test_what_it_costs_to_end_pods_at_once_is_told() -> None:
    (line,) = advice({"spec": {"terminationGracePeriodSeconds": 0, "containers": [{"name": "app"}]}}, "app")
    assert "requests in flight fail at each release" in line
    assert advice({"spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "app"}]}}, "app") == []
