"""The route of one blue/green service: which share each color gets, behind which gates, and the proof that it has it.

The share is config, carried by one resource of the engine. Its hooks ask the gates, move the weights and look at
answers; what a killed run left undone, `settle` carries through (docs/adr/0018).
"""

import asyncio
from collections.abc import Awaitable, Callable

import pulumi

from components.checks.release_ready import ReleaseReady
from components.checks.verify import VerifyAfter
from components.cluster.watch import Watch
from components.hooks.engine import unless_out_of_reach
from components.releases.planned import PlannedRelease
from components.rules.errors import LiveReleaseEdit
from components.settings.route import Route
from components.strategies.blue_green.group_share import GroupShare
from components.strategies.blue_green.own_endpoints import until_endpoints
from components.strategies.blue_green.settings import BlueGreenSettings
from components.traffic.answers import Answers
from components.traffic.router import Router
from components.traffic.weighted_route import WeightedRoute
from contract import weights
from contract.annotations import ROUTED
from contract.labels import COLOR
from contract.matches import Match
from contract.releases import COLORS, color_service_name, other
from contract.route_entries import WHOLE
from contract.weights import said, shares_of

Gate = Callable[[], Awaitable[None]]


class RouteGate:
    """The weights of one service's route. `admit` is the gate of the idle color's release before it gets a share,
    `follows` the user's own check after each step. With a `group` all its routes move together, or none does; then
    `color_header` is the header that keeps a call on its color.
    """

    def __init__(
        self,
        watch: Watch,
        router: Router,
        settings: BlueGreenSettings,
        route: Route,
        target: PlannedRelease,
        idle: PlannedRelease | None,
        admit: Gate,
        follows: VerifyAfter | None = None,
        group: GroupShare | None = None,
        color_header: str | None = None,
    ) -> None:
        self.name, self._group = watch.service, group
        self._watch, self._router, self._target, self._idle, self._admit = watch, router, target, idle, admit
        self._follows = follows
        self._owned = route.exists is None
        self._ready = ReleaseReady(watch, router)
        own = {color: color_service_name(watch.service, color) for color in COLORS}
        self._idle_service = own[other(target.color)]
        self.wanted = shares_of(own, target.color, settings.weight)
        """Name of a color's own Service -> its share."""
        answers = None
        if route.address:
            tells = {slot.service: route.answer_of(slot.release) for slot in (target, idle) if slot}
            answers = Answers(route.address, tells, route.answer_header)
        self._mirror = settings.mirror
        stays = [Match(color_header, value=other(target.color))] if color_header and settings.weight else []
        matched = self._idle_service, [*stays, *(one.match for one in settings.matches)]
        self._route = WeightedRoute(watch, route, list(self.wanted), answers, matched)
        self._seen: list[dict[str, int]] | None = None  # the weights at the last look before a move
        self._settling = asyncio.Lock()  # other members of a group ask for it too
        self.grows = False
        """Whether this run gives the idle color more than it had."""
        self._proven = False  # at that look they were the wanted ones, and noted as seen

    @property
    def shared(self) -> bool:
        """Whether the idle color is to get a share, or copies."""
        return self.wanted[self._idle_service] > 0 or self._mirror > 0

    async def plan(self) -> None:
        """In a preview, whatever changes: the route must be there and fit. Raises RouteUnfit."""
        if pulumi.runtime.is_dry_run() and not self._owned:
            await unless_out_of_reach(self._look())

    async def before(self) -> None:
        """Before the weights change: who is to get more may have it. Raises GateRefused, Moved."""
        await self._together(self._before)

    async def after(self) -> None:
        """Once they are to have changed: moved, seen in answers, followed, noted. Raises Moved, RouteUnfit,
        RouteUnseen, SwitchNotFollowed.
        """
        await self._together(self._after)

    async def _together(self, work: Gate) -> None:
        await (self._group.together(self, work) if self._group else work())

    async def _before(self) -> None:
        self._seen = await self._route.weights()
        noted = await self._noted() == said([self.wanted])
        self._proven = noted and bool(self._seen) and not await self._route.differs(self.wanted)
        self.grows = self._idle_share < self.wanted[self._idle_service]
        if self.grows or self._mirror:
            await self._admit()
            assert self._idle is not None  # noqa: S101 - the settings refuse a weight without a release
            await until_endpoints(self._watch, self._idle)
        elif weights.most(self._seen, self._target.service) < self.wanted[self._target.service]:
            await self._ready.wait(self._target.view, 0)  # it serves: only a color that nobody answers on is refused
        await self._note(None)

    @property
    def _idle_share(self) -> int:
        """The percentage that the idle color had at the last look before a move."""
        return weights.most(self._seen or [], self._idle_service)

    async def go_back(self) -> bool:
        """Back to the shares before this run, where it gave the idle color more; whether it did. What somebody else has
        set since stays. Raises Moved, RouteUnfit.
        """
        found = await self._route.weights() if self.grows else []
        if not found or await self._route.differs(self.wanted):
            return False
        await self._note(None)
        had = {one: self._idle_share if one == self._idle_service else WHOLE - self._idle_share for one in self.wanted}
        await self._route.move(had, found)
        self.grows = False
        return True

    async def _after(self) -> None:
        await self._route.check_mirror(self._mirror)
        before = await self._route.weights() if self._seen is None else self._seen
        await self._route.move(self.wanted, before)
        was = {one: weights.most(before, one) for one in self.wanted}
        await self._route.until_seen(self.wanted, was, proven=self._proven)
        if self._follows:
            self._watch.say(f"{self._watch.service}: {self._follows.says}")
            slots = [slot for slot in (self._target, self._idle) if slot]
            await self._follows.ask_shares(
                self._watch.cluster, [(slot.view, self.wanted[slot.service]) for slot in slots]
            )
        await self._note(said([self.wanted]))

    async def settle(self) -> None:
        """Carry through what an earlier run left undone, and take back what somebody else has set since."""
        async with self._settling:
            await self._settle()

    async def _settle(self) -> None:
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None or not await self._router.serves(live, self._target.view):
            return
        differs = await self._route.differs(self.wanted)
        noted = live.annotations.get(ROUTED)
        if not differs and noted == said([self.wanted]):
            return
        if differs:
            now = said(await self._route.weights())
            who = "which is not of this stack's making" if noted == said([self.wanted]) else "as an earlier run left it"
            what = f"{self._watch.service}: {self._route.name} has {now}, {who}"
            self._watch.say(f"{what}; the config wants {said([self.wanted])}: setting it")
            await self.before()
        await self.after()

    async def refuse_edit(self, slot: PlannedRelease) -> None:
        """Before a color's Service or workload is made or changed: no other release of it may have a share of the
        route. Of the color that serves, LiveEdit says whether it may. Raises LiveReleaseEdit.
        """
        await (self._group.refuse_edit(slot) if self._group else self.look_back(slot))

    async def look_back(self, slot: PlannedRelease) -> None:
        """The same for a color that gets requests because of this route: its own, or that of a member which is called.
        Raises LiveReleaseEdit.
        """
        takes_over = slot.color == self._target.color
        if takes_over and await self._serves(slot):
            return
        if pulumi.runtime.is_dry_run() and not (self.shared or takes_over):
            return  # the share goes away first
        found = await self._route.weights()
        mine = color_service_name(self._watch.service, slot.color)
        share, unknown = weights.most(found, mine), self._route.unknown(found)
        copied = await self._route.mirrored()
        own = await self._watch.cluster.live_service(slot.service) if share or copied or unknown else None
        if own is None or own.selector == slot.selector:
            return
        whose = slot.color if slot.service == mine else slot.service
        unit = "the group" if self._group else self._watch.service
        if unknown:
            raise LiveReleaseEdit(
                f"{self._watch.service}: the route {self._route.name} has {said(found)}, which no gateway takes, and "
                f"the config gives {whose} another release, {slot.release.id}",
                "the gateways keep the shares that they had: users may meet a release that no gate has seen",
                f"`pulumi up` with the release that {slot.color} has sets the weights right; the next edit can give "
                "another",
            )
        raise LiveReleaseEdit(
            f"{self._watch.service}: {slot.color} gets {share or copied:g} % of the route {self._route.name}"
            f"{'' if share else ' as copies'}, and the config gives {whose} another release, {slot.release.id}",
            f"{'users' if share else 'their requests'} would meet a release that no gate has seen",
            f"cut over to the release that {slot.color} has; or remove `canary` of {unit} and leave "
            "`active` as it was: the next edit can give another"
            if takes_over
            else f"remove `canary` of {unit} in the same edit; the next one can give it a weight again",
        )

    async def _serves(self, slot: PlannedRelease) -> bool:
        live = await self._watch.cluster.live_service(self._watch.service)
        return live is None or live.selector.get(COLOR) == slot.color

    async def _look(self) -> None:
        await self._route.differs(self.wanted)

    async def _noted(self) -> str | None:
        live = await self._watch.cluster.live_service(self._watch.service)
        return live.annotations.get(ROUTED) if live else None

    async def _note(self, text: str | None) -> None:
        """On the live Service, once there is one: which shares were seen."""
        live = await self._watch.cluster.live_service(self._watch.service)
        if live and live.annotations.get(ROUTED) != text:
            await self._router.notes.note(self._target.view, ROUTED, text)
