"""What served before, or does, is not asked again: no smoke check stands in the way back."""

from dataclasses import replace

import pytest

from components.releases.view import ReleaseView
from components.rules.errors import NotReady, SmokeFailed
from components.strategies.cutover import Cutover
from tests.components.fakes import FakeCluster, carried_through, make_pod
from tests.components.two_colors import BLUE, GREEN, before_switch, run, smoke, two_colors, view


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    return two_colors(monkeypatch)


def test_a_release_that_served_is_a_way_back_past_a_smoke_check_of_the_next(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    """It was refused with the answers that it had always given, however sick the release was that it was to relieve."""
    cluster.answers = [(200, "written for green alone")]
    run(gates.finish(BLUE, GREEN, recycle=False))
    cluster.switch(GREEN.selector)
    run(gates.finish(GREEN, BLUE, recycle=False))
    cluster.asked.clear()
    run(gates.check(BLUE, timeout_seconds=0.2, checks=(smoke(0.2),)))
    assert cluster.asked == []
    assert said[-1] == "shop: blue 1-0-0-b1 is ready; its checks are not asked again: it served before"
    run(gates.announce(BLUE, [smoke(0.2)]))
    assert said[-1] == "shop: blue 1-0-0-b1 must be ready; its checks are not asked again: it served before"
    cluster.all_pods = cluster.all_pods[2:]
    with pytest.raises(NotReady):
        run(gates.check(BLUE, timeout_seconds=0, checks=(smoke(0.2),)))


@pytest.mark.parametrize(
    "never",
    [
        view("blue", "1.0.1"),
        view("blue", image="shop:9"),
        replace(BLUE, release=BLUE.release.model_copy(update={"env": {"A": "1"}})),
    ],
)
def test_what_never_served_is_asked(gates: Cutover, cluster: FakeCluster, never: ReleaseView, said: list[str]) -> None:
    run(gates.finish(BLUE, GREEN, recycle=False))
    cluster.switch(GREEN.selector)
    cluster.all_pods = [make_pod(f"blue-{i}", never.selector, never.release.image) for i in range(2)]
    run(gates.announce(never, [smoke(0.2)]))
    with pytest.raises(SmokeFailed):
        run(gates.check(never, timeout_seconds=0.2, checks=(smoke(0.2),)))
    assert not any("not asked" in line for line in said)


def test_a_cutover_that_was_not_carried_through_proves_nothing(gates: Cutover, cluster: FakeCluster) -> None:
    run(gates.finish(BLUE, GREEN, recycle=False))
    run(gates.before_switch(GREEN, timeout_seconds=0.2))
    cluster.switch(GREEN.selector)  # by a run that ended here
    cluster.switch(BLUE.selector)
    with pytest.raises(SmokeFailed):
        run(gates.check(GREEN, timeout_seconds=0.2, checks=(smoke(0.2),)))


def test_where_the_traffic_is_there_already_nothing_is_asked_and_the_old_color_is_drained(
    gates: Cutover, cluster: FakeCluster
) -> None:
    """After `rollback --now` the `up` behind it was refused, and what had been left answered on its connections."""
    cluster.switch(GREEN.selector)
    run(gates.check(GREEN, timeout_seconds=0.2, checks=(smoke(0.2),)))
    run(gates.finish(GREEN, BLUE, recycle=True))
    assert cluster.asked == ["end blue-0", "end blue-1", *carried_through(GREEN)]


def test_a_service_that_was_moved_by_hand_proves_nothing(gates: Cutover, cluster: FakeCluster) -> None:
    run(gates.finish(BLUE, GREEN, recycle=False))
    cluster.switch(GREEN.selector)
    with pytest.raises(SmokeFailed):
        run(gates.check(GREEN, timeout_seconds=0.2, checks=(smoke(0.2),)))
    cluster.all_pods.pop()
    with pytest.raises(NotReady):
        run(gates.check(GREEN, timeout_seconds=0, checks=()))


def test_a_pod_that_is_not_ready_keeps_no_traffic_where_it_is_already(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    cluster.switch(GREEN.selector)
    cluster.all_pods[2] = replace(cluster.all_pods[2], ready=False, problem="CrashLoopBackOff")
    before_switch(gates, smoke(0.2))
    assert "shop: green takes the traffic already, with less than it should: 1 of 2 pods ready; green-0" in said[-1]
    cluster.all_pods[3] = replace(cluster.all_pods[3], ready=False)
    with pytest.raises(NotReady, match="0 of 2 pods ready"):
        before_switch(gates)
