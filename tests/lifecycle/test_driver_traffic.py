"""A bake that fails, under traffic: who answers after the way back."""

import time
from collections.abc import Iterator
from datetime import datetime
from threading import Thread

import httpx2
import pytest

from prober import Prober, TargetRefusedError
from tests.lifecycle import views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import release_words, write_shop
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS, load_goes_on
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


@pytest.fixture
def live(stack: Stack, namespace: Namespace) -> Iterator[Prober]:
    """Steady traffic to the live Service of `shop`, from new connections and kept ones."""
    write_shop(stack)
    assert cutover(stack, "up", "--yes").code == 0
    address = namespace.get("services", "shop")["spec"]["clusterIP"]
    try:
        prober = Prober(f"http://{address}:80", rate_per_second=100, timeout_seconds=ANSWER_SECONDS)
    except TargetRefusedError:
        pytest.skip(f"Services of this cluster ({address}) are no targets of the prober")
    with prober:
        yield prober


@pytest.mark.wide
def test_a_release_that_turns_bad_while_the_old_pods_drain_goes_back_then(stack: Stack, namespace: Namespace) -> None:
    write_shop(stack, drain_seconds=10)
    assert cutover(stack, "up", "--yes").code == 0
    assert cutover(stack, "release", "shop", *release_words(V2), "--yes").code == 0
    stack.watcher.judges = False  # pods go bad while they are live
    completed: list[bool] = []

    def spoil() -> None:
        eventually("the switch", lambda: views.live_color(namespace) == "green")
        namespace.make_unready(*views.names(views.pods(namespace, color="green")))
        eventually("the way back", lambda: views.live_color(namespace) == "blue")
        notes = namespace.get("services", "shop")["metadata"]["annotations"]
        completed.append("green" in str(notes.get("cutover.dev/completed")))

    trouble = Thread(target=spoil)
    trouble.start()
    ended = cutover(stack, "promote", "--bake", "60s", "--interval", "0.5s", "--yes")
    trouble.join()
    assert ended.code == 1, ended
    assert "going back before the `up` ends" in ended.out
    assert "went back: shop to blue again" in ended.out
    assert completed == [False]
    assert views.live_color(namespace) == "blue"
    assert cutover(stack, "up", "--yes").out.endswith("nothing to do\n")


def test_after_the_way_back_nobody_gets_the_bad_release(stack: Stack, namespace: Namespace, live: Prober) -> None:
    assert cutover(stack, "release", "shop", *release_words(V2), "--yes").code == 0
    stack.watcher.judges = False  # pods go bad while they are live
    address = namespace.get("services", "shop")["spec"]["clusterIP"]
    back: list[float] = []

    def spoil() -> None:
        """Every pod of the new release goes unready, while its kept connections go on being answered."""
        eventually("the switch", lambda: views.live_color(namespace) == "green")
        eventually(
            "the drain", lambda: "completed" in str(namespace.get("services", "shop")["metadata"]["annotations"])
        )
        eventually("its answers", lambda: V2 in live.progress.versions)
        namespace.make_unready(*views.names(views.pods(namespace, color="green")))
        eventually("the way back", lambda: views.live_color(namespace) == "blue")
        # The node follows the API server a moment later, and at once for all new connections.
        eventually("the node to follow", lambda: _answers_with(address, V1))
        back.append(time.time())

    trouble = Thread(target=spoil)
    trouble.start()
    ended = cutover(stack, "promote", "--bake", "60s", "--interval", "0.5s", "--yes", "--json")
    returned = time.time()
    trouble.join()
    assert ended.code == 1, ended
    load_goes_on({"shop": live})
    result = live.stop()
    begun = datetime.fromisoformat(result.started_at).timestamp()
    green = [answer for answer in result.answers if answer.version == V2]
    assert green, "the new release answered before it went bad"
    # A kept connection stays where it is until the pods behind it are recycled; a new one goes where the Service says.
    new = [answer for answer in green if answer.kind.endswith("-new")]
    assert [a for a in new if begun + a.at_seconds > back[0]] == []
    assert [a for a in green if begun + a.at_seconds > returned] == []
    # This application ends at once on SIGTERM, so what it has in hand on kept connections is lost (docs/limits.md).
    late = [failure for failure in result.failures if begun + failure.at_seconds > back[0]]
    assert [failure for failure in late if failure.kind.endswith("-new")] == []


def _answers_with(address: str, version: str) -> bool:
    """Over a connection of its own."""
    try:
        return bool(httpx2.get(f"http://{address}/version", timeout=1, trust_env=False).json()["version"] == version)
    except httpx2.HTTPError:
        return False
