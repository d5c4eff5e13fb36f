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


class Loops(asyncio.DefaultEventLoopPolicy):
    """Knows each event loop that was made: the SDK makes one wherever a thread has none, and leaves it open."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[asyncio.AbstractEventLoop] = []

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        self.made.append(super().new_event_loop())
        return self.made[-1]


@pytest.fixture
def loops() -> Iterator[None]:
    """An event loop for this thread; it ends with the test, as does each that is made in it, in this or another thread.

    The one that runs on beside the program, `components/cluster/beside.py`, is the process's.
    """
    before, policy = asyncio.get_event_loop_policy(), Loops()
    asyncio.set_event_loop_policy(policy)
    own = asyncio.new_event_loop()
    asyncio.set_event_loop(own)
    pool = ThreadPoolExecutor()
    own.set_default_executor(pool)
    yield
    pool.shutdown()
    asyncio.set_event_loop_policy(before)
    for loop in policy.made:
        if not loop.is_running():
            loop.close()


@pytest.fixture
def recorder(loops: None) -> Iterator[Recorder]:
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
