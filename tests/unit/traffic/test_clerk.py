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

import pytest

from prober import Result
from prober.run import Plan, Run
from prober.target import Target
from traffic.cells import KINDS
from traffic.clerk import image

Start = Callable[..., tuple["subprocess.Popen[bytes]", str]]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(version: str = "1.0.0", **env: str) -> tuple["subprocess.Popen[bytes]", str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-I", "-S", str(image.SERVER), version]
        started.append(subprocess.Popen(command, env=os.environ | {"CLERK_PORT": str(port)} | env))
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return started[-1], f"http://127.0.0.1:{port}"
            time.sleep(0.05)
        raise AssertionError("the clerk does not listen")

    yield begin
    for process in started:
        process.kill()
        process.wait()


def send(url: str, *kinds: str, seconds: float, at: float = 0.0, then: Callable[[], None] = lambda: None) -> Result:
    async def go() -> Result:
        asyncio.get_running_loop().call_later(at, then)
        return await Run(plan=Plan(target=Target.parse(url), rate_per_second=100, seconds=seconds, kinds=kinds)).go()

    return asyncio.run(go())


def test_it_answers_all_kinds_of_client(start: Start) -> None:
    _, url = start()
    result = send(url, *KINDS, seconds=1)
    assert (result.requests, result.failed) == (100, 0)
    assert result.versions == {"1.0.0": 100}
    assert {answer.kind for answer in result.answers} == set(KINDS)


def test_it_announces_its_end_and_finishes_what_it_has(start: Start) -> None:
    process, url = start()
    kinds = ("get-keep-alive", "post-keep-alive", "long-lived")
    result = send(url, *kinds, seconds=1, at=0.3, then=lambda: process.send_signal(signal.SIGTERM))
    assert (result.requests, result.failed) == (100, 0)
    assert result.connections["long-lived"] > 1, "it went on keeping connections"
    assert result.stale == {}, "it closed connections that it had not announced to close"
    assert process.wait(5) == 0


def test_it_ends_when_its_streams_have_ended(start: Start) -> None:
    process, url = start()
    result = send(url, "events", seconds=0.3, at=0.6, then=lambda: process.send_signal(signal.SIGTERM))
    assert (result.requests, result.failed) == (30, 0)
    assert process.wait(5) == 0


@pytest.mark.parametrize(("behind", "says"), [("1.0.0", {"1.0.0": 40}), ("1.1.0", {"1.0.0+1.1.0": 40}), (None, {})])
def test_it_says_what_its_backend_says(start: Start, behind: str | None, says: dict[str, int]) -> None:
    backend = start(version=behind)[1] if behind else "http://127.0.0.1:9"
    _, url = start(CLERK_BACKEND=backend)
    result = send(url, "get-new", "post-keep-alive", seconds=0.4)
    assert result.versions == says
    assert result.failed == 40 - sum(says.values())


@pytest.mark.parametrize(("how", "ends"), [("exit", True), ("ignore", False)])
def test_it_can_do_it_wrong(start: Start, how: str, ends: bool) -> None:
    process, url = start(CLERK_ON_TERM=how)
    assert send(url, "get-new", seconds=0.2).failed == 0
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert (process.poll() is not None) == ends


def test_its_image_holds_a_python_that_needs_nothing_else(tmp_path: Path) -> None:
    path = image.archive(("1.0.0", "1.1.0"), tmp_path / "clerk.tar")
    with tarfile.open(path) as archive:
        members = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        index = json.load(members["index.json"])  # type: ignore[arg-type]
        named = (one["annotations"]["io.containerd.image.name"] for one in index["manifests"])
        names = [name for name in named if "@" not in name]
        assert names == ["cutover.local/clerk:1.0.0", "cutover.local/clerk:1.1.0"]
        files: list[str] = []
        for blob in archive.getmembers():
            if blob.size > 1_000_000:
                with tarfile.open(fileobj=members[blob.name]) as layer:
                    files += layer.getnames()
    assert any(name.endswith("asyncio/__init__.py") for name in files)
    assert any("libc.so" in name or "musl" in name for name in files)
