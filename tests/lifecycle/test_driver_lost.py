"""The API server stops answering in the middle of a promotion: said without a traceback, and carried through."""

import time

import pytest

from tests.lifecycle import views
from tests.lifecycle.command import TIMEOUT_SECONDS, cutover
from tests.lifecycle.driver import expect, release_words, start, write_shop
from tests.lifecycle.kube import Namespace
from tests.lifecycle.relay import relayed
from tests.lifecycle.services import V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
GONE_SECONDS = 8


def test_an_api_server_that_goes_away_while_promoting(stack: Stack, namespace: Namespace) -> None:
    write_shop(stack, drain_seconds=3)
    assert cutover(stack, "up", "--yes").code == 0
    assert cutover(stack, "release", "shop", *release_words(V2), "--yes").code == 0
    expect(stack, "green", V2)
    with relayed(stack.kubeconfig) as api_server, start(stack, "promote", "--yes") as process:
        said = []
        for line in process.stdout or ():
            said.append(line)
            if "switched" in line:
                api_server.block()
                begun = time.monotonic()
                looked = cutover(stack, "status")
                assert looked.code == 1, looked
                assert "Traceback" not in looked.err
                assert "fix:" in looked.err
                time.sleep(max(0.0, GONE_SECONDS - (time.monotonic() - begun)))
                api_server.unblock()
        process.wait(TIMEOUT_SECONDS)
        text = "".join(said)
        assert "Traceback" not in text
        assert "switched" in text
        assert cutover(stack, "up", "--yes").code == 0
        assert views.live_color(namespace) == "green"
        status = cutover(stack, "status", "--until", "healthy", "--timeout", "90s")
        assert status.code == 0, status
