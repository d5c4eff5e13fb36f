"""The application that the cells release: what it answers, and that it stops as it says."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from prober import FailureClass, Result
from prober.connection import Connection
from prober.http2 import Channel
from prober.kinds import Held
from prober.request import Reading, Request
from prober.run import Plan, Run
from prober.target import Target
from tests.patience import PATIENCE_SECONDS, eventually
from traffic.cells import GRPC_KINDS, KINDS
from traffic.responder import image

Start = Callable[..., tuple["subprocess.Popen[bytes]", str]]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(version: str = "1.0.0", **env: str) -> tuple["subprocess.Popen[bytes]", str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-I", "-S", str(image.SERVER), version]
        started.append(subprocess.Popen(command, env=os.environ | {"RESPONDER_PORT": str(port)} | env))
        eventually("the responder to listen", lambda: _listens(port), poll_seconds=0.02)
        return started[-1], f"http://127.0.0.1:{port}"

    yield begin
    for process in started:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def send(
    url: str,
    *kinds: str,
    seconds: float,
    when: Callable[[Run], bool] = lambda _: True,
    then: Callable[[], None] = lambda: None,
) -> Result:
    """Send for so long; `then` is called as soon as `when` says so of the run."""

    async def go() -> Result:
        plan = Plan(
            target=Target.parse(url),
            rate_per_second=100,
            seconds=seconds,
            kinds=kinds,
            timeout_seconds=PATIENCE_SECONDS,
        )
        run = Run(plan=plan)
        sending = asyncio.create_task(run.go())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not when(run):  # noqa: ASYNC110 - the run announces nothing
                await asyncio.sleep(0.005)
        then()
        return await sending

    return asyncio.run(go())


def test_it_answers_all_kinds_of_client(start: Start) -> None:
    _, url = start()
    result = send(url, *KINDS, seconds=1)
    assert (result.requests, result.failed) == (100, 0)
    assert result.versions == {"1.0.0": 100}
    assert {answer.kind for answer in result.answers} == set(KINDS)


def test_it_announces_its_end_and_finishes_what_it_has(start: Start) -> None:
    process, url = start(RESPONDER_ANNOUNCE_SECONDS=str(PATIENCE_SECONDS))
    kinds = ("get-keep-alive", "post-keep-alive", "long-lived")
    result = send(
        url,
        *kinds,
        seconds=1,
        when=lambda run: run.progress.requests >= 30,
        then=lambda: process.send_signal(signal.SIGTERM),
    )
    assert (result.requests, result.failed) == (100, 0)
    assert result.connections["long-lived"] > 1, "it went on keeping connections"
    assert result.stale == {}, "it closed connections that it had not announced to close"
    assert process.poll() is None


def test_it_ends_when_its_streams_have_ended(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    process, url = start()
    exchange, asked = Held._exchange, list[str]()

    async def count(kind: Held, connection: Connection, request: Request, end: float) -> Reading:
        asked.append(request.path)
        return await exchange(kind, connection, request, end)

    monkeypatch.setattr(Held, "_exchange", count)
    result = send(
        url,
        "events",
        seconds=0.3,
        when=lambda _: sum("events" in path for path in asked) == 30,
        then=lambda: process.send_signal(signal.SIGTERM),
    )
    assert (result.requests, result.failures) == (30, [])
    assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.parametrize(("behind", "says"), [("1.0.0", {"1.0.0": 40}), ("1.1.0", {"1.0.0+1.1.0": 40}), (None, {})])
def test_it_says_what_its_backend_says(start: Start, behind: str | None, says: dict[str, int]) -> None:
    backend = start(version=behind)[1] if behind else "http://127.0.0.1:9"
    _, url = start(RESPONDER_BACKEND=backend)
    result = send(url, "get-new", "post-keep-alive", seconds=0.4)
    assert result.versions == says
    assert result.failed == 40 - sum(says.values())


def test_calls_of_grpc_move_on_when_it_announces_its_end(start: Start) -> None:
    process, url = start(RESPONDER_ANNOUNCE_SECONDS=str(PATIENCE_SECONDS))
    result = send(
        url,
        *GRPC_KINDS,
        seconds=1,
        when=lambda run: run.progress.requests >= 20,
        then=lambda: process.send_signal(signal.SIGTERM),
    )
    assert (result.requests, result.failed) == (100, 0)
    assert result.versions == {"1.0.0": 100}
    assert result.connections["grpc"] > 1, "it went on taking calls on the connection that it wanted to end"
    assert process.poll() is None


def test_streams_of_grpc_end_before_it_does(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    process, url = start()
    begun = list[bytes]()
    call = Channel.call

    async def count(channel: Channel, path: str, message: bytes) -> list[bytes]:
        begun.append(message)
        return await call(channel, path, message)

    monkeypatch.setattr(Channel, "call", count)
    result = send(
        url,
        "grpc-stream",
        seconds=0.3,
        when=lambda _: len(begun) == 30,
        then=lambda: process.send_signal(signal.SIGTERM),
    )
    assert (result.requests, result.failures) == (30, [])
    assert process.wait(PATIENCE_SECONDS) == 0


def test_calls_of_grpc_that_are_cut_off_are_failures(start: Start) -> None:
    process, url = start()
    result = send(url, "grpc-stream", seconds=0.3, when=lambda run: run.progress.requests >= 0, then=process.kill)
    assert {failure.failure for failure in result.failures} <= {
        FailureClass.CLOSED, FailureClass.RESET, FailureClass.REFUSED,
    }  # fmt: skip
    assert result.failed == 30


def test_a_proxy_passes_on_all_kinds_and_ends_when_its_connections_have(start: Start) -> None:
    behind = start()[1].removeprefix("http://")
    proxy, url = start(RESPONDER_FORWARD=behind)
    result = send(url, *KINDS, seconds=1, when=lambda run: run.progress.requests >= 50, then=proxy.terminate)
    assert (result.requests, result.failed) == (100, 0)
    assert proxy.wait(PATIENCE_SECONDS) == 0


def test_a_second_port_answers_as_the_first(start: Start) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        more = free.getsockname()[1]
    start(RESPONDER_MORE_PORT=f"{more}")
    assert send(f"http://127.0.0.1:{more}", *KINDS, seconds=0.5).failed == 0


@pytest.mark.parametrize(("how", "ends"), [("exit", True), ("ignore", False)])
def test_it_can_do_it_wrong(start: Start, how: str, ends: bool) -> None:
    process, url = start(RESPONDER_ON_TERM=how)
    assert send(url, "get-new", seconds=0.2).failed == 0
    process.send_signal(signal.SIGTERM)
    if ends:
        assert process.wait(PATIENCE_SECONDS) == 1
    else:
        time.sleep(0.5)
        assert process.poll() is None


def test_its_image_holds_a_python_that_needs_nothing_else(tmp_path: Path) -> None:
    path = image.archive(("1.0.0", "1.1.0"), tmp_path / "responder.tar")
    with tarfile.open(path) as archive:
        members = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        index = json.load(members["index.json"])  # type: ignore[arg-type]
        named = (one["annotations"]["io.containerd.image.name"] for one in index["manifests"])
        names = [name for name in named if "@" not in name]
        assert names == ["cutover.local/responder:1.0.0", "cutover.local/responder:1.1.0"]
        files: list[str] = []
        for blob in archive.getmembers():
            if blob.size > 1_000_000:
                with tarfile.open(fileobj=members[blob.name]) as layer:
                    files += layer.getnames()
    assert any(name.endswith("asyncio/__init__.py") for name in files)
    assert any("libc.so" in name or "musl" in name for name in files)


def test_a_sick_one_is_ready_and_answers_500(start: Start) -> None:
    _, url = start("1.1.0")
    assert httpx2.get(f"{url}/version", trust_env=False).json()["version"] == "1.1.0"
    assert httpx2.post(f"{url}/sick/enable", trust_env=False).status_code == 202
    asked = {path: httpx2.get(f"{url}{path}", trust_env=False).status_code for path in ("/version", "/readyz")}
    assert asked == {"/version": 500, "/readyz": 200}
