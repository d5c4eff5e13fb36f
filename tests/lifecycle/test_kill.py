"""Parts of the engine are killed with -9 at every step of a cutover or a rolling update; the next `up` converges."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lifecycle import kills, services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import DRAIN_SECONDS, load, lost
from tests.lifecycle.services import V1, V2, V3, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import varieties, workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]

# docs/limits.md: longer than the second that kube-proxy may take, as this application ends at once on SIGTERM.
# new color grows, live Service moves, old color shrinks, what is left of it is recycled
STEPS = ["resourcePreEvent update", "resOutputsEvent update"] * 3 + ["draining"]


def _reached(count: int) -> Callable[[list[str]], bool]:
    return lambda seen: len(seen) >= count


def _converged(namespace: Namespace, active: str, idle: str) -> None:
    assert views.live_color(namespace) == active
    assert len(views.ready_pods(namespace, color=active)) == 2
    eventually(
        "the standby",
        lambda: len(views.ready_pods(namespace, color=idle)) == len(views.pods(namespace, color=idle)) == 1,
    )


@pytest.mark.parametrize(
    ("victim", "workload"),
    [
        pytest.param("cli", "deployment", marks=pytest.mark.wide),
        ("group", "replica-set"),
        pytest.param("host", "deployment", marks=pytest.mark.wide),
        pytest.param("provider", "replica-set", marks=pytest.mark.wide),
        pytest.param("program", "deployment", marks=pytest.mark.wide),
    ],
)
def test_killed_at_every_step_of_a_cutover(
    stack: Stack, namespace: Namespace, victim: kills.Victim, workload: str, tmp_path: Path
) -> None:
    shop = stack.services["shop"] = services.blue_green(
        workload, standby_replicas=1, disruption_budget=False, drain_seconds=DRAIN_SECONDS
    )
    stack.must_up()
    seen: list[str] = []
    at = 1
    with load(namespace, "shop") as probers:
        for attempt in itertools.count(1):
            active, idle = ("green", "blue") if shop["active"] == "blue" else ("blue", "green")
            shop["active"] = active
            log = tmp_path / f"events-{attempt}.jsonl"
            killed, seen = kills.up_killed(stack, log, victim, _reached(at))
            if killed:
                kills.up_again(stack)
                at += 1
            elif at > len(STEPS):
                break
            else:
                assert len(seen) >= at, seen  # it was over before this test looked: once more
            _converged(namespace, active, idle)
        assert lost(probers["shop"].stop()) == []
    assert [line.rpartition(" ")[0] or line for line in seen] == STEPS
    assert at == len(STEPS) + 1
    _converged(namespace, active, idle)
    assert set(stack.must_up().changes) == {"same"}


@pytest.mark.parametrize("victim", varieties(["cli", "group", "host", "provider", "program"], narrow=["provider"]))
def test_killed_at_every_step_of_a_rolling_update(
    stack: Stack, namespace: Namespace, victim: kills.Victim, tmp_path: Path
) -> None:
    """At its beginning, when the first pod of the new release is there, and when the update is over."""
    app = stack.services["app"] = services.rolling(drain_seconds=DRAIN_SECONDS)
    stack.must_up()

    def mixed(_: list[str]) -> bool:
        return wanted in views.images(views.pods(namespace, "app"))

    moments: list[Callable[[list[str]], bool]] = [_reached(1), mixed, _reached(2)]
    with load(namespace, "app") as probers:
        for number, moment in enumerate(moments):
            wanted = (V2, V1)[number % 2]
            app["release"] = release(wanted)
            kills.up_killed(stack, tmp_path / f"events-{number}.jsonl", victim, moment)
            kills.up_again(stack)
            assert views.images(views.ready_pods(namespace, "app")) == {wanted}
        assert lost(probers["app"].stop()) == []
    assert set(stack.must_up().changes) == {"same"}


@workloads("replica-set")
def test_killed_between_the_switch_and_its_record_then_turned_back(
    stack: Stack, namespace: Namespace, workload: str, tmp_path: Path
) -> None:
    """The cluster is on green, the state may say blue, and the user goes back to blue: no success may be claimed
    while green takes the traffic.
    """
    shop = stack.services["shop"] = services.blue_green(workload)
    stack.must_up()
    shop["active"] = "green"

    def switched(_: list[str]) -> bool:
        return views.live_color(namespace) == "green"

    kills.up_killed(stack, tmp_path / "events.jsonl", "group", switched)
    shop["active"] = "blue"
    assert stack.up().code != 0  # locked
    assert stack.run("cancel", "--yes").code == 0
    if stack.up().code != 0:
        assert views.live_color(namespace) == "green"
        assert stack.run("refresh", "--yes", "--skip-preview").code == 0
        stack.must_up()
    assert views.live_color(namespace) == "blue"


def test_killed_while_a_release_is_made(stack: Stack, namespace: Namespace, tmp_path: Path) -> None:
    """The Deployment of the new release may be in the cluster and not in the state."""
    shop = stack.services["shop"] = services.blue_green()
    stack.must_up()
    shop |= {"green": release(V3), "active": "green"}
    killed, seen = kills.up_killed(
        stack, tmp_path / "events.jsonl", "group", lambda found: "resourcePreEvent create shop-green-1-2-0-b1" in found
    )
    assert killed, seen
    kills.up_again(stack)
    assert views.live_color(namespace) == "green"
    eventually("V2 to go", lambda: V2 not in views.images(views.pods(namespace)))
