"""The size of the color that was left: by what the cluster tells, and never larger for it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components import BlueGreenSettings, Release
from components.manifests.content import NOTHING
from components.rules.errors import ClusterUnreachable, ConfigError
from components.rules.facts import LiveService, WorkloadSize
from components.strategies.blue_green.plan import Planner
from components.strategies.blue_green.scale_down import ScaleDown
from contract.annotations import DETACHED
from contract.durations import seconds_in
from tests.components.fakes import FakeCluster, Recorder
from tests.components.test_blue_green_service import build, waits_for

BLUE = Release(version="1.0.0", build=1, image="shop:1")
GREEN = Release(version="2.0.0", build=7, image="shop:2")
LABELS: dict[str, Any] = {"cutover": "labels", "workload": "replica-set"}
SCALED: dict[str, Any] = {"autoscale": {"min_replicas": 2, "max_replicas": 9}, "resources": {"requests": {"cpu": "1"}}}
MADE = datetime.now(UTC) - timedelta(days=1)


def ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


def size(
    moved: datetime | None, *, pods: int = 3, made: datetime = MADE, notes: dict[str, str] | None = None, **given: Any
) -> tuple[int | None, list[str]]:
    """The size of blue, beside green which serves since `moved` (None: blue serves still), and what was said."""
    fields: dict[str, Any] = {"port": 80, "replicas": 3, "standby_replicas": 1, "scale_down_after": "30m", **given}
    fields = {key: value for key, value in fields.items() if value is not None}
    settings = BlueGreenSettings(active="green", blue=BLUE, green=GREEN, **fields)
    idle = Planner("shop", "p", settings, lambda *_: NOTHING).color("blue")
    assert idle is not None
    target = Planner("shop", "p", settings, lambda *_: NOTHING).color("green")
    assert target is not None
    cluster, said = FakeCluster(), list[str]()
    cluster.live = LiveService((target if moved else idle).selector, moved, created=MADE - timedelta(hours=1))
    cluster.sizes[idle.name] = WorkloadSize(made, pods, notes or {})
    view = asyncio.run(ScaleDown("shop", settings, cluster, idle, said.append).view())
    return view.replicas if view else None, said


def test_it_keeps_its_size_until_the_time_is_over() -> None:
    assert size(None) == (3, []), "it is left in this run"
    kept, (said,) = size(ago(29))
    assert kept == 3
    assert "shop: blue keeps 3 pods until" in said
    assert size(ago(31)) == (1, [])


@pytest.mark.parametrize(
    "more",
    [
        {"pods": 1},
        {"pods": 0},
        {"made": datetime.now(UTC) + timedelta(hours=1)},  # made since: it never served
        {"scale_down_after": None},
    ],
)
def test_nothing_is_scaled_up_for_it_and_what_never_served_has_its_standby(more: dict[str, Any]) -> None:
    assert size(ago(1), **more) == (1, [])


def test_a_service_that_selects_what_it_did_at_first_has_left_nobody() -> None:
    assert size(MADE - timedelta(hours=1)) == (1, [])


def test_under_an_autoscaler_it_keeps_as_many_as_it_has() -> None:
    scaled: dict[str, Any] = {**SCALED, "replicas": None, "standby_replicas": None}
    assert size(ago(1), pods=7, **scaled)[0] == 7
    assert size(ago(31), pods=7, **scaled)[0] == 2


@pytest.mark.parametrize(
    ("note", "pods"),
    [(1, 3), (31, 1), ("soon", 1), ("2026-01-01T00:00:00", 1), (None, 3)],
)
def test_with_labels_the_note_on_the_replica_set_tells(note: str | int | None, pods: int) -> None:
    at = ago(note).isoformat() if isinstance(note, int) else note
    notes = {DETACHED: at} if at else {}
    assert size(ago(1), notes=notes, **LABELS)[0] == pods


def test_without_an_answer_an_up_ends_and_a_preview_says_the_standby(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: Any) -> None:
        raise ClusterUnreachable("gone", "", "")

    monkeypatch.setattr(FakeCluster, "live_service", nobody)
    with pytest.raises(ClusterUnreachable):
        size(ago(1))
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: True)
    assert size(ago(1)) == (1, [])


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet"])
def test_the_engine_is_told_the_size(recorder: Recorder, cluster: FakeCluster, kind: str) -> None:
    words: dict[str, Any] = {} if kind == "Deployment" else {"workload": "replica-set"}
    build(recorder, cluster, standby_replicas=1, scale_down_after="30m", **words)
    made = next(one for one in recorder.resources if one.type.endswith(f":{kind}") and "green" in one.name)
    assert made.inputs["spec"]["replicas"] == 1
    if kind == "ReplicaSet":
        assert waits_for(made)[1] == "jsonpath={.status.availableReplicas}=1"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"scale_down_after": "soon"}, "'soon' is no duration"),
        ({"scale_down_after": "0m"}, "'0m' is no duration, or none that lasts"),
        ({"scale_down_after": "30"}, "'30' is no duration"),
        ({"standby_replicas": None}, "the standby has all 3 pods for ever"),
    ],
)
def test_a_value_that_does_nothing_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        size(None, **given)


def test_a_worker_has_none() -> None:
    with pytest.raises(ConfigError, match="scale_down_after is set, and port is null"):
        BlueGreenSettings(active="blue", port=None, blue=BLUE, scale_down_after="30m")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("30m", 1800),
        ("1h30m", 5400),
        ("2d", 172800),
        ("", None),
        ("m", None),
        ("1m1h", None),
        ("1m\n", None),
    ],
)
def test_durations(text: str, seconds: int | None) -> None:
    assert seconds_in(text) == seconds
