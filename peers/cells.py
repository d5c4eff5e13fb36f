"""The cells: what happens to the service, whichever tool releases it, and which version has to serve in the end."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from peers.testbed import AFTER, GOOD, NEXT, Testbed, version
from peers.way import Strategy, Way
from traffic.apps import BROKEN, UNREADY

Play = Callable[[Way, Testbed], None]
Moment = Literal["first pod", "switch"]

AWAY_SECONDS = 10.0  # the API server, from when the first new pod is there
SICK_AFTER_SECONDS = 2.0


@dataclass(frozen=True)
class Cell:
    """`wanted` has to serve in the end; `bad` is what a release says that should never have answered."""

    name: str
    play: Play
    wanted: str
    bad: str | None = None
    prepare: Play | None = None
    strategies: tuple[Strategy, ...] = ("blue-green", "rolling")


def release(tag: str) -> Play:
    """The release alone."""
    return lambda way, stand: stand.command(lambda: way.release(stand, tag))


def switch(way: Way, stand: Testbed) -> None:
    """To a release that stands ready beside the one that serves."""
    stand.command(lambda: way.switch(stand))


def turns_bad(way: Way, stand: Testbed) -> None:
    """All pods of the release answer 500 some seconds after it began to serve, and stay ready."""
    turning = stand.turn_bad(NEXT, SICK_AFTER_SECONDS)
    stand.command(lambda: way.watched(stand, NEXT))
    turning()


def rollback(way: Way, stand: Testbed) -> None:
    """Straight after a release."""
    stand.command(lambda: way.rollback(stand))


def edited(way: Way, stand: Testbed) -> None:
    """Another release while the first one is under way."""

    def act() -> None:
        stand.during(lambda: way.release(stand, NEXT), _first_pod(stand), lambda: way.interrupt(stand))
        way.release(stand, AFTER)

    stand.command(act)


def killed(way: Way, stand: Testbed) -> None:
    """What performs the release is killed, and the user goes on as the tool wants it."""

    def act() -> None:
        stand.during(lambda: way.release(stand, NEXT), _first_pod(stand), lambda: way.kill(stand))
        way.again(stand, NEXT)

    stand.command(act)


def api_server_away(way: Way, stand: Testbed) -> None:
    """No API server for a while in the midst of a release; where the tool gave up, the user tries again."""
    timers: list[threading.Timer] = []

    def stop() -> None:
        timers.append(threading.Timer(AWAY_SECONDS, lambda: stand.cluster.resume("kube-apiserver")))
        timers[0].start()
        stand.cluster.pause("kube-apiserver")

    def act() -> None:
        try:
            stand.during(lambda: way.release(stand, NEXT), _first_pod(stand), stop)
        finally:
            for timer in timers:
                timer.join()
        if not stand.shell.typed[-1].ok:
            way.again(stand, NEXT)

    stand.command(act)


def _first_pod(stand: Testbed) -> Callable[[], bool]:
    return lambda: stand.new_pods(NEXT) > 0


def cells() -> list[Cell]:
    """All of them."""
    every: tuple[Strategy, ...] = ("blue-green", "rolling", "canary")
    return [
        Cell("release", release(NEXT), NEXT, strategies=every),
        Cell(
            "warm switch", switch, NEXT, prepare=lambda way, stand: way.prepare(stand, NEXT), strategies=("blue-green",)
        ),
        Cell("never gets ready", release(UNREADY), GOOD, version(UNREADY), strategies=every),
        Cell("answers wrongly", release(BROKEN), GOOD, "0.0.0", strategies=every),
        Cell("turns bad after the switch", turns_bad, GOOD, NEXT),
        Cell("rollback", rollback, GOOD, prepare=lambda way, stand: way.release(stand, NEXT)),
        Cell("edit during the release", edited, AFTER),
        Cell("killed midway", killed, NEXT),
        Cell("API server away", api_server_away, NEXT),
    ]


def pairs(ways: Iterable[Way]) -> list[tuple[Way, Cell]]:
    """Which way plays which cell, those of one peer together."""
    return [(way, cell) for way in ways for cell in cells() if way.plays(cell.name, cell.strategies)]


def name(way: Way, cell: Cell) -> str:
    """As in the table, and for `-k`."""
    return f"{way.name}/{cell.name}"
