"""Clients of one kind, without the schedule of a run."""

import asyncio

from prober import kinds
from prober.connection import Connection
from prober.kinds import Kind
from prober.target import Target
from tests.patience import PATIENCE_SECONDS


def ask_in_turn(url: str, name: str, count: int) -> Kind:
    """A client of one kind that has asked so many times, each time once it had the answer before: no schedule, so no
    pause of the machine makes it open more connections than it needs.
    """
    (kind,) = kinds.build((name,), Target.parse(url), PATIENCE_SECONDS)

    async def ask() -> None:
        for number in range(count):
            await kind.request(f"r{number}")
        kind.close()

    asyncio.run(ask())
    return kind


async def connect(kind: Kind, end: float) -> Connection:
    """In place of `Kind._open`, without a time limit: on a busy machine a short one would end there, and not later."""
    return await Connection.open(kind._target)
