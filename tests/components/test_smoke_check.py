"""The smoke check against a cluster in memory: whom it asks, what it refuses, its limit."""

import asyncio
from typing import Any

import pytest

from components.checks.smoke import Smoke
from components.releases.view import ReleaseView
from components.rules.errors import NotReady, SmokeFailed
from components.strategies.cutover import Cutover
from tests.components.fakes import FakeCluster, make_pod
from tests.components.two_colors import GREEN, before_switch, run, smoke, two_colors


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    return two_colors(monkeypatch)


def test_smoke_check_asks_the_target_itself(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.answers = [(503, "starting"), (200, "2.0.0"), (200, "1.0.0"), (200, "2.0.0"), (200, "2.0.0")]
    before_switch(gates, smoke())
    assert cluster.asked[:-1] == ["GET shop-green/version"] * 5


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, "oops"), "HTTP 500 instead of 200: 'oops'"),
        ((200, "1.0.0"), "lacks '2.0.0'"),
        ((0, "no answer"), "no answer"),
        (
            (500, "a\n✔ switched \x1b[2J" + "z" * 500),
            r"HTTP 500 instead of 200: 'a\\n✔ switched \\x1b\[2Jz{10,180} …\n",
        ),
    ],
)
def test_wrong_answers_are_refused_with_the_answer(
    gates: Cutover, cluster: FakeCluster, answer: tuple[int, str], reason: str
) -> None:
    cluster.answers = [answer]
    with pytest.raises(SmokeFailed, match=reason):
        before_switch(gates, smoke(timeout_seconds=0.2))


def test_an_answer_of_the_api_server_s_own_is_not_told_as_the_release_s(gates: Cutover, cluster: FakeCluster) -> None:
    said = "error trying to reach service: dial tcp 10.0.0.7:9898: i/o timeout"
    cluster.answers = [(503, f'{{"kind": "Status", "message": "{said}"}}')]
    with pytest.raises(SmokeFailed) as refused:
        before_switch(gates, smoke(timeout_seconds=0.2))
    assert f"the API server reaches no pod: HTTP 503, {said}" in refused.value.what
    assert "is not known" in refused.value.why
    assert "`smoke_job`" in refused.value.fix


def test_the_whole_check_has_a_limit_and_each_request_what_is_left_of_it(gates: Cutover, cluster: FakeCluster) -> None:
    """A server whose every answer takes the time of a request held the check for many times its limit, and passed."""
    given: list[float] = []

    class Slow(FakeCluster):
        async def get_through_service(self, service: str, path: str, timeout_seconds: float) -> tuple[int, str]:
            given.append(timeout_seconds)
            await asyncio.sleep(timeout_seconds)
            return 0, f"no whole answer within {timeout_seconds:g} s"

    check = smoke(timeout_seconds=0.3)
    check = Smoke(check.settings.model_copy(update={"request_timeout_seconds": 0.2}), check.service)
    with pytest.raises(SmokeFailed, match=r"no whole answer within 0\.2 s"):
        run(check.ask(Slow(), GREEN))
    assert given[0] == 0.2
    assert sum(given) <= 0.3


def test_a_target_that_the_smoke_check_breaks_is_refused(gates: Cutover, cluster: FakeCluster) -> None:
    class Breaking(Smoke):
        async def ask(self, cluster: Any, target: ReleaseView) -> None:
            await super().ask(cluster, target)
            cluster.all_pods[3] = make_pod("green-1", GREEN.selector, "shop:2", ready=False)

    cluster.answers = [(200, "2.0.0")]
    with pytest.raises(NotReady):
        before_switch(gates, Breaking(smoke().settings, smoke().service))
