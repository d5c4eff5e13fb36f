"""How the suite runs side by side: what workers share is there before their first test, what needs quiet is last.

With `-n` one process, the controller, hands tests to workers (pytest-xdist). Here it does three things more. It brings
up what they share, once it knows what they found: what a worker prints is not seen. It runs the tests marked `alone`
itself when the workers have ended, so that one closing line counts all. And it takes down at the end what was not up
before, whatever the end was. Without `-n` the only process does the same in the same order.
"""

import os
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import zip_longest
from typing import Any

import pytest

from sandbox.cluster import Cluster, SandboxError
from sandbox.gateway import Gateway
from sandbox.pulumi import choose

LEFT = "left"  # the key under which a worker says what it left to the controller
NEED_CLUSTER = ("tests/lifecycle/",)
NEED_GATEWAY = ("tests/lifecycle/gateway/",)
NEED_ENGINE = (*NEED_CLUSTER, "tests/traffic/", "tests/sandbox/test_host.py")
LONG = ("tests/lifecycle/", "tests/sandbox/")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Worker(config) if hasattr(config, "workerinput") else Host(config))


def _is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


def _in_order(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The long ones first: at the end the many short ones keep the other workers busy while a last long one runs."""
    return sorted(items, key=lambda item: (_is_alone(item), not item.nodeid.startswith(LONG)))


class Worker:
    """Runs what it is handed; what has to run alone it leaves to the controller."""

    def __init__(self, config: Any) -> None:
        self._said: dict[str, list[str]] = config.workeroutput

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self._said[LEFT] = [item.nodeid for item in items if _is_alone(item)]
        items[:] = _in_order(item for item in items if not _is_alone(item))


class Host:
    """The controller, or the only process: owns what all tests share."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._left: list[str] = []
        self._started: Cluster | None = None
        self._added: Gateway | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = _in_order(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not session.config.option.collectonly:
            self._prepare(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self._prepare(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """One that crashed says nothing; all have found the same."""
        self._left = getattr(node, "workeroutput", {}).get(LEFT, self._left)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        done = yield
        if self._left:
            by_workers = session.testscollected
            items = session.perform_collect([f"{self._config.rootpath}/{one}" for one in self._left])
            session.testscollected += by_workers
            for item, following in zip_longest(items, items[1:]):
                self._config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.shouldfail:
                    raise session.Failed(session.shouldfail)
                if session.shouldstop:
                    raise session.Interrupted(session.shouldstop)
        return done

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Last of all: the workers have ended by then."""
        if self._added and not self._started:
            self._say("taking the gateway down, as it was not up before")
            self._added.down()
        if self._started:
            self._say(f"taking the cluster {self._started.name} down, as it was not up before")
            self._started.down()

    def _prepare(self, ids: Iterable[str]) -> None:
        """Bring up what these tests need. What cannot be is said here; the tests' fixtures try again, and fail."""
        found = tuple(ids)
        with ThreadPoolExecutor() as pool:  # on a bare machine both are built first
            begun: list[Future[object]] = []
            if any(one.startswith(NEED_ENGINE) for one in found):
                begun.append(pool.submit(choose, None, self._say))
            if not os.environ.get("CUTOVER_CONTEXT") and any(one.startswith(NEED_CLUSTER) for one in found):
                begun.append(pool.submit(self._start_cluster, any(one.startswith(NEED_GATEWAY) for one in found)))
        for one in begun:
            if isinstance(error := one.exception(), SandboxError):
                self._say(f"error: {error}")
            else:
                one.result()

    def _start_cluster(self, with_gateway: bool) -> None:
        cluster = Cluster(report=self._say)
        if not cluster.status().ready:
            self._started = cluster
            cluster.up()
        gateway = Gateway(cluster, self._say)
        if with_gateway and cluster.status().traffic and not gateway.address():
            self._added = gateway
            gateway.up()

    def _say(self, line: str) -> None:
        """At once, also into a file or a pipe."""
        print(line, flush=True)
