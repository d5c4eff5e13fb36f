"""`--load`: a release held to the traffic of its users, from before the gates to the end of the bake."""

import time
from collections.abc import Callable
from threading import Thread

import pytest

from prober import Target, TargetRefusedError
from tests.lifecycle import views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import expect, release_words, write_shop
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import DRAIN_SECONDS
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack
from tests.unit.cutover.page import Page
from tests.unit.cutover.servers import Reply, Request, serve

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
RATE = 50


@pytest.fixture
def url(stack: Stack, namespace: Namespace) -> str:
    """Where users reach `shop`, live on blue with a release waiting on green; it ends in order on SIGTERM."""
    text = write_shop(stack, drain_seconds=DRAIN_SECONDS)
    stack.file.write_text(text.replace("debug", "info"))
    expect(stack, "blue", V1)
    assert cutover(stack, "up", "--yes").code == 0
    assert cutover(stack, "release", "shop", *release_words(V2), "--yes").code == 0
    address = namespace.get("services", "shop")["spec"]["clusterIP"]
    try:
        Target.parse(f"http://{address}")
    except TargetRefusedError:
        pytest.skip(f"Services of this cluster ({address}) are not reached from here")
    return f"http://{address}/version"


def test_a_promotion_under_load_loses_nothing_and_counts_both_versions(stack: Stack, url: str) -> None:
    before = stack.file.read_text()
    refused = cutover(stack, "promote", "--load", "http://127.0.0.1:9/version", "--yes", "--json")
    assert refused.code == 3, refused
    assert "requests failed before anything was changed: refused" in refused.json()["message"]
    assert refused.json()["changed"] is False
    assert stack.file.read_text() == before

    expect(stack, "green", V2)
    words = ("--bake", "5s", "--no-probe", "--load", url, "--load-rate", str(RATE))
    ended = cutover(stack, "promote", *words, "--yes", "--json")
    assert ended.code == 0, ended.json()["message"]
    account = ended.json()["load"]
    assert (account["failed"], account["failures"]) == (0, [])
    assert account["versions"].keys() == {V1, V2}
    assert 0 < account["requests"] <= account["seconds"] * RATE + 1
    assert [phase["phase"] for phase in account["phases"]] == ["before", "up", "bake", "after"]
    assert account["phases"][0]["versions"].keys() == {V1}
    assert account["phases"][2]["versions"].keys() == {V2}
    assert 0 < account["latencyMs"]["p50"] <= account["latencyMs"]["p99"] <= account["worst"]["latencyMs"]
    assert f"load {url}: 0 of {account['requests']:,} requests failed" in ended.json()["message"]

    file = stack.folder / "report.html"
    told = cutover(stack, "report", "--html", str(file), "--markdown")
    assert told.code == 0, told
    page = Page(file.read_text())
    assert (page.problems, page.fetched) == ([], [])
    text = " ".join(page.text.split())
    assert f"green takes the traffic with {V2} build 1" in text
    assert f"before it {V1} build 1" in text
    assert f"0 of {account['requests']:,} requests failed" in text
    assert "✔ passed smoke GET /version" in text
    assert f"update 3, {ended.json()['startedAt'][:10]}" in text
    assert len(page.all("svg")) == 1
    assert f"| `shop` | ✔ healthy | `green {V2} build 1` | `{V1} build 1` |" in told.out


def test_a_release_that_turns_bad_under_load_is_taken_back(stack: Stack, namespace: Namespace, url: str) -> None:
    stack.watcher.judges = False  # pods go bad while they are live

    def spoil() -> None:
        eventually("the switch", lambda: views.live_color(namespace) == "green")
        eventually(
            "the drain", lambda: "completed" in str(namespace.get("services", "shop")["metadata"]["annotations"])
        )
        time.sleep(2)
        namespace.make_unready(*views.names(views.pods(namespace, color="green")))

    trouble = Thread(target=spoil)
    trouble.start()
    ended = cutover(stack, "promote", "--bake", "60s", "--no-probe", "--load", url, "--yes", "--json")
    trouble.join()
    assert ended.code == 1, ended
    result = ended.json()
    assert result["reverted"] == {"shop": "blue"}
    assert f"load {url} failed after" in result["bake"]["reason"]
    assert views.live_color(namespace) == "blue"
    assert "active: blue" in stack.file.read_text()
    *_, back = result["load"]["phases"]
    assert back["phase"] == "going back"
    assert V1 in back["versions"]
    assert result["load"]["failed"] > 0


def test_without_a_bake_lost_requests_fail_the_run_and_the_release_stays(
    stack: Stack, namespace: Namespace, url: str
) -> None:
    expect(stack, "green", V2)
    with serve(answers=_bad_while(lambda: views.live_color(namespace) == "green")) as server:
        ended = cutover(stack, "promote", "--load", server.url, "--load-rate", "10", "--yes", "--json")
    assert ended.code == 1, ended
    result = ended.json()
    assert "requests failed (status " in result["message"]
    assert "what is live stays" in result["message"]
    assert {"class": "status", "count": result["load"]["failed"], "example": "500"} in result["load"]["failures"]
    assert (result["changed"], views.live_color(namespace)) == (True, "green")
    assert "active: green" in stack.file.read_text()
    assert "`cutover rollback shop` goes back" in result["fix"]
    expect(stack, "blue", V1)
    back = cutover(stack, "rollback", "shop", "--yes")
    assert (back.code, views.live_color(namespace)) == (0, "blue"), back


def _bad_while(holds: Callable[[], bool]) -> Callable[[Request], Reply]:
    return lambda request: Reply(500 if holds() else 200)
