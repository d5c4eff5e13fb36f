"""The share of a group: the gates of all members, then the weights of all their routes; a failure takes all back.

Members without a route take part too: one that has a route calls them at the address of its own color.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from components.hooks.engine import Once, all_of, check_around
from components.releases.planned import PlannedRelease
from components.rules.errors import CutoverError, Moved, SwitchUnverified

BACK = "The routes of the group have the shares before; the next `up` tries again."

Work = Callable[[], Awaitable[None]]


class Member(Protocol):
    """A member whose idle color gets requests while the group has a share: its gates, in their order."""

    async def check_share(self) -> None:
        """The checks of the idle color's release. Raises GateRefused."""

    async def prepare_share(self) -> bool:
        """Run its `before_cutover` Job where it has not run yet; whether it ran now. Raises JobFailed."""

    async def admitted(self) -> None:
        """It has passed, and its own Service sends to it. Raises NotReady."""


class MemberRoute(Protocol):
    """The route of a member, as far as the others are concerned."""

    name: str
    """The service."""
    grows: bool
    """Whether this run gives its idle color more than it had."""

    async def look_back(self, slot: PlannedRelease) -> None:
        """Raises LiveReleaseEdit where the route gives the idle color a share."""

    async def settle(self) -> None:
        """Carry through what an earlier run left undone."""

    async def go_back(self) -> bool:
        """Back to the shares before this run, where it gave more; whether it did. Raises Moved, RouteUnfit."""


class GroupShare:
    """The share of one group in one run, which is to have one or copies if `shared`. `say` takes one line of progress
    at a time.
    """

    def __init__(
        self, group: str, say: Callable[[str], None], *, shared: bool, color_header: str | None = None
    ) -> None:
        self._group, self._say = group, say
        self.shared = shared
        self.color_header = color_header
        """The header by which the members' own routes keep a call on its color; None without one."""
        self._members: list[Member] = []
        self.routes: list[MemberRoute] = []
        """Those of the members that have one."""
        self.admit = Once(self._admit_all)
        """The gates of all members, once per run, whichever route asks first. Raises what the first refusal does."""
        self._moves: set[asyncio.Future[None]] = set()  # those on their way
        self._failed: CutoverError | None = None

    def join(self, member: Member, route: MemberRoute | None) -> None:
        """One more member, in the declared order."""
        self._members.append(member)
        if route:
            self.routes.append(route)

    async def _admit_all(self) -> None:
        await check_around(self._check_all, [member.prepare_share for member in self._members])
        await all_of(*(member.admitted() for member in self._members))

    async def _check_all(self) -> None:
        await all_of(*(member.check_share() for member in self._members))

    async def refuse_edit(self, slot: PlannedRelease) -> None:
        """Before an idle workload of the group changes: no route may give its color a share. Raises LiveReleaseEdit."""
        await all_of(*(route.look_back(slot) for route in self.routes))

    async def settle(self) -> None:
        """Carry through what an earlier run left undone, in every route."""
        await all_of(*(route.settle() for route in self.routes))

    async def together(self, route: MemberRoute, work: Work) -> None:
        """Do a part of one route's step. Where one that gives more fails, the steps of the others that are on their way
        end too, and every route that has more than before gets what it had. Raises that failure, from each of them.
        """
        if self._failed:
            await self._take_back()
            raise self._failed
        step = asyncio.ensure_future(work())
        self._moves.add(step)
        try:
            await step
        except asyncio.CancelledError:
            if self._failed is None:  # the run itself was interrupted
                raise
            raise self._failed from None
        except CutoverError as error:
            if not route.grows:
                raise
            self._failed = self._failed or error
            await self._end_others(step)
            await self._take_back()
            raise
        finally:
            self._moves.discard(step)

    async def _end_others(self, failed: asyncio.Future[None]) -> None:
        others = [one for one in self._moves if one is not failed]
        for one in others:
            one.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _take_back(self) -> None:
        back: list[str] = []
        for route in self.routes:
            try:
                back += [route.name] if await route.go_back() else []
            except CutoverError as error:
                self._say(f"{self._group}: {route.name} was not taken back: {str(error).splitlines()[0]}")
        if back and isinstance(self._failed, Moved | SwitchUnverified):
            self._failed.outcome = BACK
        if back:
            self._say(f"{self._group}: {', '.join(back)} took back to the shares before, as one of them failed")
