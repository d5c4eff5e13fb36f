"""An interrupt ends what is being played, and the cluster with it."""

import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.patience import eventually
from traffic import runner
from traffic.apps import blue_green
from traffic.cells import Cell, Stage
from traffic.errors import TrafficError
from traffic.runner import Runner


class NoCluster:
    """A cluster that is there at once, and notes that it was taken down."""

    name = "none"
    downs = 0

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def up(self) -> Any:
        return SimpleNamespace(traffic=True)

    def load_images(self, _: Path) -> None: ...

    def down(self) -> None:
        NoCluster.downs += 1


def test_an_interrupt_reaches_the_stages_that_play(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "Cluster", NoCluster)
    monkeypatch.setattr("traffic.responder.image.archive", lambda *_: Path())
    told: list[str] = []
    playing = Runner(Any, told.append, lambda *_: None, jobs=1)  # type: ignore[arg-type]
    said: list[str] = []

    def stage(*_: object) -> None:
        time.sleep(0.2)  # the pool has taken note of its thread by then
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # this thread takes the signal
        os.kill(os.getpid(), signal.SIGINT)
        eventually("the interrupt to be heard", told_to_stop, poll_seconds=0.01)

    def told_to_stop() -> bool:
        try:
            playing._go_on("pulumi up")
        except TrafficError as error:
            said.append(str(error))
        return bool(said)

    monkeypatch.setattr(playing, "_stage", stage)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the thread that waits is not woken by it
    try:
        with pytest.raises(KeyboardInterrupt):
            playing.play([Cell(Stage("a", blue_green()), "one", lambda _: None)])
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    assert said == ["interrupted"]
    assert NoCluster.downs == 1
