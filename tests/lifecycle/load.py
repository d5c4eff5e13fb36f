"""Steady traffic to Services of a test's namespace, of every quick kind of client, and what it must not see."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import pytest

from prober import Prober, TargetRefusedError
from prober.result import Failure, Result
from tests.lifecycle.kube import Namespace, eventually

RATE_PER_SECOND = 60.0
# What is lost is refused, reset, or never answered; on a machine that does much else an answer may take seconds.
ANSWER_SECONDS = 30.0
DRAIN_SECONDS = 8
"""Of services whose pods stop under it: a node of a busy machine takes seconds to hear that a pod leaves."""


@contextmanager
def load(namespace: Namespace, *services: str) -> Iterator[dict[str, Prober]]:
    """A prober per Service, started; skips the test where Services of this cluster are no targets."""
    with ExitStack() as running:
        probers = {}
        for name in services:
            address = namespace.get("services", name)["spec"]["clusterIP"]
            try:
                prober = Prober(f"http://{address}:80", rate_per_second=RATE_PER_SECOND, timeout_seconds=ANSWER_SECONDS)
            except TargetRefusedError:
                pytest.skip(f"Services of this cluster ({address}) are no targets of the prober")
            eventually(f"{name} to answer", lambda: _answers(address))  # noqa: B023 - called at once
            probers[name] = running.enter_context(prober)
        yield probers


def load_goes_on(probers: Mapping[str, Prober]) -> None:
    """Returns when each has had about two seconds' more answers."""
    before = {name: prober.progress.requests for name, prober in probers.items()}
    for name, prober in probers.items():
        eventually("more traffic", lambda: prober.progress.requests > before[name] + 2 * RATE_PER_SECOND)  # noqa: B023


def _answers(address: str) -> bool:
    """Whether the node knows the Service already: `up` ends some milliseconds before a new one answers."""
    try:
        socket.create_connection((address, 80), timeout=1).close()
    except OSError:
        return False
    return True


def lost(result: Result) -> list[Failure]:
    """The requests that failed, without those that raced with the end of their kept connection: podinfo, as all that
    is built on Go's server, closes those without a word, now and then while a request is on its way (docs/limits.md).
    """
    return [one for one in result.failures if not one.raced]
