"""The dashboard beside a real release: the cutover as it happens, the history, the plan of an edit, a refusal."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from tests.lifecycle.command import TIMEOUT_SECONDS, cutover
from tests.lifecycle.driver import expect, release_words, start, write_shop
from tests.lifecycle.kube import eventually
from tests.lifecycle.services import BROKEN, V1, V2
from tests.lifecycle.stack import Stack
from tests.unit.cutover.page import Page

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]


def text(address: str) -> str:
    made = Page(httpx2.get(address, timeout=TIMEOUT_SECONDS, trust_env=False).raise_for_status().text)
    assert made.problems == []
    return " ".join(made.text.split())


@contextmanager
def dashboard(stack: Stack) -> Iterator[str]:
    """Its address; Ctrl-C ends it in order."""
    with start(stack, "dashboard", "--plan") as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=TIMEOUT_SECONDS)
    assert (process.returncode, rest) == (0, "")


def test_a_cutover_is_seen_as_it_happens_and_the_plan_of_an_edit_and_a_refusal(stack: Stack) -> None:
    write_shop(stack)
    expect(stack, "blue", V1)
    assert cutover(stack, "up", "--yes").code == 0
    assert cutover(stack, "release", "shop", *release_words(V2), "--yes").code == 0
    with dashboard(stack) as address:
        first = text(address)
        assert f"blue takes the traffic with {V1} build 1" in first
        assert "green waits to be promoted" in first
        released = f"release shop {V2} build 1 on green moved nothing update 2"
        eventually("the history", lambda: released in text(address))

        expect(stack, "green", V2)
        with (
            httpx2.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client,
            client.stream("GET", f"{address}events?since=0") as events,
            start(stack, "promote", "--yes") as promotion,
        ):
            for line in events.iter_lines():
                if f"green takes the traffic with {V2} build 1" in line:
                    break
            said, _ = promotion.communicate(timeout=TIMEOUT_SECONDS)
        assert promotion.returncode == 0, said
        eventually("the update in the history", lambda: f"shop green {V2} build 1 update 3" in text(address))
        eventually("how it ended", lambda: "succeeded cutover promote at" in text(address))
        settled = text(address)
        assert f"blue standby {V1} build 1" in settled
        assert "✔ passed smoke GET /version" in settled
        assert "What up would do" not in settled

        before = stack.file.read_text()
        stack.file.write_text(before.replace("active: green", "active: blue"))
        eventually("the plan", lambda: "1. switch Service shop: green 1-1-0-b1 -> blue 1-0-0-b1" in text(address))
        stack.file.write_text(before)
        eventually("its end", lambda: "What up would do" not in text(address))

        stack.file.write_text(before.replace("timeout_seconds: 60}", "timeout_seconds: 4}"))
        assert cutover(stack, "release", "shop", *release_words(BROKEN), "--yes").code == 0
        assert cutover(stack, "promote", "--yes").code == 3
        eventually("the refusal at its gate", lambda: "✖ refused smoke GET /version" in text(address))
        assert "blue was refused 1.3.0 build 1" in text(address)
        told = cutover(stack, "report", "--markdown")
        assert (told.code, "1 **refused**" in told.out, "code `gate.smoke_failed`" in told.out) == (0, True, True)
