"""The API server stops answering in the middle of a promotion: said without a traceback, and carried through."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.lifecycle import views
from tests.lifecycle.command import TIMEOUT_SECONDS, cutover
from tests.lifecycle.driver import expect, release_words, start, write_shop
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import V2
from tests.lifecycle.stack import Stack
from tests.relay import carry, listening

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
GONE_SECONDS = 8


@contextmanager
def relayed(kubeconfig: Path) -> Iterator[threading.Event]:
    """Lead a kubeconfig to its server by a way of the test's own. While the event is not set, a connection is taken and
    nothing comes back, as from a server that was stopped.
    """
    content = yaml.safe_load(kubeconfig.read_text())
    cluster = content["clusters"][0]["cluster"]
    server = urlsplit(cluster["server"])
    host, answering = server.hostname or "", threading.Event()
    answering.set()

    def serve(near: socket.socket) -> None:
        answering.wait()
        with near, socket.create_connection((host, server.port or 443)) as far:
            carry(near, far, answering)

    with listening(serve) as port:
        cluster |= {"server": f"https://127.0.0.1:{port}", "tls-server-name": host}
        kubeconfig.write_text(yaml.safe_dump(content))
        yield answering


def test_an_api_server_that_goes_away_while_promoting(stack: Stack, namespace: Namespace) -> None:
    write_shop(stack, drain_seconds=3)
    assert cutover(stack, "up", "--yes").code == 0
    assert cutover(stack, "release", "shop", *release_words(V2), "--yes").code == 0
    expect(stack, "green", V2)
    with relayed(stack.kubeconfig) as answering, start(stack, "promote", "--yes") as process:
        said = []
        for line in process.stdout or ():
            said.append(line)
            if "switched" in line:
                answering.clear()
                begun = time.monotonic()
                looked = cutover(stack, "status")
                assert looked.code == 1, looked
                assert "Traceback" not in looked.err
                assert "fix:" in looked.err
                time.sleep(max(0.0, GONE_SECONDS - (time.monotonic() - begun)))
                answering.set()
        process.wait(TIMEOUT_SECONDS)
        text = "".join(said)
        assert "Traceback" not in text
        assert "switched" in text
        assert cutover(stack, "up", "--yes").code == 0
        assert views.live_color(namespace) == "green"
        status = cutover(stack, "status", "--until", "healthy", "--timeout", "90s")
        assert status.code == 0, status
