"""Mocks for one test at a time: each has its own recorder, and no test leaves settings, loops or threads behind."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pulumi
import pytest

from components.cluster import connection
from components.strategies.cutover import Cutover
from tests.components.api_server import Api, serving
from tests.components.fakes import FakeCluster, Recorder, selector_cutover


@pytest.fixture
def loops() -> Iterator[list[asyncio.AbstractEventLoop]]:
    """An event loop for this thread and for each that the mocks run in; the SDK would make them and leave them open."""
    made: list[asyncio.AbstractEventLoop] = []

    def give_loop() -> None:
        made.append(asyncio.new_event_loop())
        asyncio.set_event_loop(made[-1])

    give_loop()
    pool = ThreadPoolExecutor(initializer=give_loop)
    made[0].set_default_executor(pool)
    yield made
    pool.shutdown()
    asyncio.set_event_loop(None)
    for loop in made:
        loop.close()


@pytest.fixture
def recorder(loops: list[asyncio.AbstractEventLoop]) -> Iterator[Recorder]:
    mocks = Recorder()
    pulumi.runtime.set_mocks(mocks, project="cutover", stack="test", preview=False)
    yield mocks
    pulumi.runtime.settings.reset_options()


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    monkeypatch.setattr(connection, "RETRY_SECONDS", 1.2)
    with serving() as server:
        yield server


@pytest.fixture
def said() -> list[str]:
    """The lines of progress."""
    return []


@pytest.fixture
def gates(cluster: FakeCluster, said: list[str]) -> Cutover:
    """The gates of the service `shop`, whose live Service selects a revision."""
    return selector_cutover("shop", cluster, said.append)
