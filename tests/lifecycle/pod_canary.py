"""What the tests of canaries made of pods share: a service by labels and its attached pods, what new connections met at
each share, and the driver's verbs that give and take one.
"""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from components.rules.shares import fits
from prober import Result
from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.judge import LIVE
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack

FOLLOWS_SECONDS = 1.0  # kube-proxy follows the endpoints
WINDOW_SECONDS = 3.0
Window = tuple[float, float]
"""From when to when, as of time.time()."""


def labels(**changes: Any) -> views.Json:
    """Its settings."""
    return services.blue_green("replica-set", cutover="labels", **changes)


def attached(namespace: Namespace, color: str = "green") -> list[str]:
    """The attached pods of a color; no template of green's is labeled while it is a canary."""
    found = namespace.items("pods", {LIVE: "true", "cutover.dev/color": color})
    return views.names([pod for pod in found if "deletionTimestamp" not in pod["metadata"]])


def watched() -> Window:
    """A window of steady traffic after a step."""
    time.sleep(FOLLOWS_SECONDS)
    begun = time.time()
    time.sleep(WINDOW_SECONDS)
    return begun, time.time()


def assert_shares(result: Result, windows: Mapping[int, Window]) -> None:
    """In each window, by the percentage that it is of, new connections met the two releases in that share."""
    for percent, window in windows.items():
        found = _new_connections(result, window)
        assert fits(found.total(), found[V2], percent), (percent, found)
        assert found.keys() <= {V1, V2}


def _new_connections(result: Result, window: Window) -> Counter[str]:
    """Which versions answered on connections that were opened in that window."""
    start = datetime.fromisoformat(result.started_at).timestamp()
    new = (one for one in result.answers if one.kind.endswith("new"))
    return Counter(one.version for one in new if window[0] < start + one.at_seconds < window[1])


def give_and_take_back(stack: Stack) -> None:
    """The driver gives green 1 of 3 pods, says so, refuses a rollback beside it, and takes it back."""
    given = cutover(stack, "promote", "shop", "--weight", "10", "--yes")
    assert given.code == 0, given.err
    assert "green 1.1.0 build 1 to 1 of 3 pods, 33.3 % of new connections" in given.out
    told = cutover(stack, "status")
    assert told.code == 0, told
    assert "canary  ✔ green 1 of 3 pods, 33.3 % of new connections" in told.out
    seen = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert (seen["state"], seen["drift"], seen["canary"]["percent"]) == ("paused", [], 33.3)
    assert "already" in cutover(stack, "promote", "shop", "--weight", "10", "--yes").out
    for words in (["--yes"], ["--now", "--yes"]):
        refused = cutover(stack, "rollback", "shop", *words)
        assert (refused.code, "green has a canary, 1 of its pods" in refused.out + refused.err) == (2, True), refused
    back = cutover(stack, "promote", "shop", "--weight", "0", "--yes")
    assert back.code == 0, back.err
    assert "canary" not in stack.file.read_text()


def walk_to_half(stack: Stack) -> None:
    """The driver refuses a walk with a step that green has too few pods for, and pauses another one at 50 %."""
    refused = cutover(stack, "promote", "shop", "--steps", "10,75,100", "--bake", "2s", "--yes")
    assert refused.code == 2
    assert "75 % takes 6 of green's pods beside 2 of blue's, and green has 2" in refused.out + refused.err
    paused = cutover(stack, "promote", "shop", "--steps", "10,50,100", "--pause-at", "50", "--bake", "2s", "--yes")
    assert paused.code == 0, paused
    assert "green 2 of 4 pods, 50 % of new connections" in paused.out


def walk_to_the_end(stack: Stack) -> None:
    """The driver walks on to the cutover, after which the file has no canary."""
    ended = cutover(stack, "promote", "shop", "--steps", "10,50,100", "--bake", "2s", "--yes")
    assert ended.code == 0, ended
    assert "canary" not in stack.file.read_text()
