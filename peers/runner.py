"""Plays rows one after the other: a fresh namespace each, the load from before the first command until all is calm."""

import time
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

import httpx2
from lightkube import ApiError

from demo.errors import DemoError
from demo.traffic import wait_for_answers
from peers import footprint
from peers.bench import Bench
from peers.cells import Cell, name
from peers.row import Row, account
from peers.shell import Typed
from peers.testbed import Testbed
from peers.way import Way
from prober import ProberError
from traffic.clients import clients, host_of
from traffic.errors import TrafficError

RATE_PER_SECOND = 100.0
_LEAD_SECONDS = 1.0
_FIRST_ANSWER_SECONDS = 20.0
_SAID_BYTES = 1500
_LEAST_SENT = 0.98
_FAILURES = (TrafficError, DemoError, ProberError, ApiError, httpx2.HTTPError, KeyError)

Tell = Callable[[Row], None]


def play(
    bench: Bench, pairs: Iterable[tuple[Way, Cell]], tell: Tell, stays: Callable[[str, Mapping[str, Any]], None]
) -> None:
    """All of them, peer after peer; `stays` hears what each peer leaves in the cluster."""
    shell = bench.shell(bench.folder / "looks")
    for peer, group in groupby(pairs, key=lambda pair: pair[0].peer):
        mine = list(group)
        before = footprint.cluster_wide(shell)
        try:
            with mine[0][0].installed(bench):
                while mine:
                    tell(_row(bench, *mine[0]))
                    way, _ = mine.pop(0)
                new = {kind: len(names - before[kind]) for kind, names in footprint.cluster_wide(shell).items()}
                stays(peer, {**new, **way.stays(bench)})
        except TrafficError as error:  # the others can be measured all the same
            bench.say(f"{peer}: {error}")
            for way, cell in mine:
                tell(Row(way=way.name, cell=cell.name, wanted=cell.wanted, problems=[str(error)]))


def _row(bench: Bench, way: Way, cell: Cell) -> Row:
    row, started = Row(way=way.name, cell=cell.name, wanted=cell.wanted), time.monotonic()
    try:
        with bench.stand(name(way, cell)) as stand:
            way.deploy(stand)
            stand.shell.typed.clear()
            if cell.prepare:
                cell.prepare(way, stand)
                stand.shell.typed.clear()
            before = way.controller_seconds()
            _measure(row, way, cell, stand)
            spent = way.controller_seconds() - before
            row.facts["controller_seconds"] = round(spent, 2) if spent >= 0 else None  # it was started anew
    except _FAILURES as error:
        row.problems.append(str(error) or type(error).__name__)
    row.facts["row_seconds"] = round(time.monotonic() - started, 1)
    return row


def _measure(row: Row, way: Way, cell: Cell, stand: Testbed) -> None:
    url = stand.space.url()
    stand.cluster.flush_conntrack(host_of(url))
    if not wait_for_answers(url, _FIRST_ANSWER_SECONDS):
        raise TrafficError(f"{url} did not answer within {_FIRST_ANSWER_SECONDS:.0f} s, before anything was done")
    with clients(url, RATE_PER_SECOND) as prober:
        stand.prober = prober
        time.sleep(_LEAD_SECONDS)
        try:
            cell.play(way, stand)
        except _FAILURES as error:
            row.problems.append(str(error) or type(error).__name__)
        stand.settle(cell.wanted)
        result = prober.stop()
    gave_up = bool(stand.shell.typed) and not stand.shell.typed[-1].ok
    account(row, result, cell.bad, gave_up=gave_up)
    row.typed = [_told(one) for one in stand.shell.typed]
    row.facts["tool_seconds"] = round(sum(one.processor_seconds for one in stand.shell.typed), 2)
    row.facts |= {"prober_late_ms": round(result.worst_lateness_ms, 1)}
    if result.requests < _LEAST_SENT * result.rate_per_second * result.seconds:
        row.problems.append("the machine was too busy: not all requests could be sent")


def _told(one: Typed) -> Mapping[str, Any]:
    told = {"command": one.command, "exit": one.exit_code, "seconds": one.seconds, "said": one.said[-_SAID_BYTES:]}
    return told | ({"spent": dict(one.spent)} if one.spent else {})
