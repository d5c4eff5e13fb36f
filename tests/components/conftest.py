"""Mocks for one test at a time: each has its own recorder, and no test leaves settings behind."""

import asyncio
from collections.abc import Iterator

import pulumi
import pytest

from tests.components.fakes import FakeCluster, Recorder


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mocks = Recorder()
    pulumi.runtime.set_mocks(mocks, project="cutover", stack="test", preview=False)
    yield mocks
    pulumi.runtime.settings.reset_options()
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()
