"""Objects that many services ask for at the same time, read by one list in place of a request for each.

A list begins after it was asked for, so its answer is as fresh as that of a request of one's own. One is made only
while others are under way: a stack of a few services waits for nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from components.cluster.beside import beside
from components.rules.errors import ClusterRefused
from contract.labels import MANAGED_BY

ALONE = 4
"""As many requests for one kind of object may be under way before the next ones wait for a list."""
MANY = 12
"""As many names are worth a list."""
OURS = {"labelSelector": f"{MANAGED_BY}=pulumi"}

Json = Callable[..., Awaitable[Any]]


class Gathered:
    """The objects of one kind in a namespace; `json` asks the API server, `collection` is their path."""

    def __init__(self, json: Json, collection: str) -> None:
        self._json, self._collection = json, collection
        self._under_way = 0
        self._may_list = True
        self._waiting: set[str] = set()
        self._next: asyncio.Task[dict[str, Any]] | None = None
        self._turn: asyncio.Lock | None = None

    async def get(self, name: str) -> Any:
        """The object of that name as it is now; {} when there is none."""
        return await beside(self._get(name))

    async def _get(self, name: str) -> Any:
        if self._next is None and self._under_way < ALONE:
            return await self._one(name)
        self._waiting.add(name)
        if self._next is None:
            self._next = asyncio.ensure_future(self._read_waiting())
        found = await asyncio.shield(self._next)
        return found[name] if name in found else await self._one(name)  # no label of ours, or there is none

    async def _one(self, name: str) -> Any:
        self._under_way += 1
        try:
            return await self._json("GET", f"{self._collection}/{name}", missing_ok=True)
        finally:
            self._under_way -= 1

    async def _read_waiting(self) -> dict[str, Any]:
        """What the names that wait stand for, or a part of it: one list at a time, and those who ask meanwhile wait for
        the next one.
        """
        self._turn = self._turn or asyncio.Lock()
        async with self._turn:
            names, self._waiting, self._next = self._waiting, set(), None
            if len(names) < MANY or not self._may_list:
                return dict(zip(names, await asyncio.gather(*map(self._one, names)), strict=True))
            try:
                answer = await self._json("GET", self._collection, params=OURS)
            except ClusterRefused:  # a Role that names single objects
                self._may_list = False
                return {}
        return {item["metadata"]["name"]: item for item in answer.get("items") or []}
