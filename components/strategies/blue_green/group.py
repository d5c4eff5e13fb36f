"""A group of blue/green services that cut over together: all gates first, then all switches, then the old color.

What holds for one service holds for the group. The target color of every member is brought up before anything else.
The gates of all members must have passed before the first live Service moves, so a refusal of one moves none.
Within a group a color calls only its own color: the pods are told the address of that color of each other member.

Owns the order of the members' stages. Each member, a BlueGreenService, owns its resources.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi

from components.cluster.access import cluster_for
from components.cluster.cluster import Cluster
from components.hooks.component import Component
from components.hooks.engine import Once, all_of, check_around, leave_on_error, teller, unless_out_of_reach
from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.settings.parse import from_fields
from components.settings.problems import render_path
from components.settings.route import Canary
from components.strategies.blue_green.component import BlueGreenService
from components.strategies.blue_green.group_rules import group_faults
from components.strategies.blue_green.group_share import GroupShare
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.blue_green.stages import Membership, Stages
from contract.releases import Color


class ReleaseGroup(Component):
    """Blue/green services of one `active` color; a change of it cuts all of them over.

    A member is the same resources as a BlueGreenService of its name, so a service can join or leave a group without a
    replacement of anything.
    """

    active: pulumi.Output[str]
    """The color that serves, known once the endpoints of all members are verified."""
    members: Mapping[str, BlueGreenService]
    """The members by name."""

    def __init__(
        self,
        name: str,
        *,
        namespace: str,
        active: Color,
        services: Mapping[str, BlueGreenSettings | Mapping[str, Any]],
        switch: Literal["in-order", "at-once"] = "in-order",
        canary: Canary | None = None,
        color_header: str | None = None,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """The group and its members, made.

        Args:
            name: Name of the group, and of its resource.
            namespace: Namespace of all members.
            active: The color that takes the traffic of every member.
            services: The members by name, in the order of the switches: a service comes before those that call it.
                Each is the settings or the fields of a BlueGreenService, without `active`.
            switch: The order of the switches: one after the other, or all at once.
            canary: The share of the idle color of each member that has a route, all together.
            color_header: The header by which routes of the members' own keep a call on its color meanwhile.
            cluster: The cluster that the gates ask; by default that of this program's provider.
            opts: Options of the resource.

        Raises:
            ConfigError: The settings are wrong. Every problem is named, and nothing is made.
        """
        super().__init__("ReleaseGroup", name, namespace, opts)
        given = {member: _settings(name, member, fields, active) for member, fields in services.items()}
        _refuse_unfit(name, canary, color_header, given)
        settings = {member: one.in_group(canary) for member, one in given.items()}
        shared = canary is not None and bool(canary.weight or canary.mirror)
        by_route = any(one.route for one in settings.values())
        share = GroupShare(name, teller(self), shared=shared, color_header=color_header) if by_route else None
        where = cluster or cluster_for(name, namespace, opts)
        self.members = {
            member: BlueGreenService(
                member,
                one,
                namespace=namespace,
                cluster=where,
                opts=opts,
                membership=Membership(
                    peers={k: v for k, v in settings.items() if k != member},
                    share=None if one.port is None else share,  # nobody calls a worker: it has no idle pods
                ),
            )
            for member, one in settings.items()
        }
        self._all_pass = Once(self._pass_all)
        ready = [resource for member in self._ordered for resource in member.bring_up()]
        lives: list[pulumi.Resource] = []
        for member in self._ordered:
            before = lives[-1:] if switch == "in-order" else []
            lives.append(member.switch([*ready, *before], self._all_pass))
        every = self._share_and_stand_by(lives, lives[-1:] if switch == "in-order" else lives, shared=shared)
        done: pulumi.Output[Any] = pulumi.Output.all(*(one.urn for one in every)).apply(self._finish)
        for service in self.members.values():
            service.publish_after(done)
        self.active = done.apply(lambda _: str(active))
        self.publish({"active": self.active, "services": list(services)})

    @property
    def _ordered(self) -> Sequence[Stages]:
        return [member.stages for member in self.members.values()]

    def _share_and_stand_by(
        self, lives: Sequence[pulumi.Resource], last: Sequence[pulumi.Resource], *, shared: bool
    ) -> list[pulumi.Resource]:
        """All idle colors are up before one gets a share, and all have lost it before one stops. `last` are the live
        Services that all the others came before.
        """
        members = list(zip(self._ordered, lives, strict=True))
        if shared:
            scalers = [one for member, live in members for one in member.scale(live)]
            standby = self._stand_by(last)
            weighed = [*lives, *scalers, *standby]
            shares = [one for member in self._ordered for one in member.weigh(weighed)]
        else:
            shares = [one for member in self._ordered for one in member.weigh(lives)]
            scalers = [one for member, live in members for one in member.scale(live, shares)]
            standby = self._stand_by([*last, *shares, *scalers])
        return [*lives, *scalers, *standby, *shares]

    def _stand_by(self, lives: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """Callers first: what a pod on its way out still calls must not stop before it."""
        made: list[pulumi.Resource] = []
        before = lives
        callers: list[Stages] = []
        stopped: set[Stages] = set()  # each is asked once: nothing of it changes again in this run
        for member in reversed(self._ordered):
            above = tuple(callers)

            async def until_callers_stopped(above: tuple[Stages, ...] = above) -> None:
                for caller in above:
                    if caller not in stopped:
                        await caller.gate.until_idle_stopped()
                        stopped.add(caller)

            stage = member.stand_by(before, until_callers_stopped)
            made += stage
            before = stage or before
            callers.append(member)
        return made

    async def _pass_all(self) -> None:
        """The gates of all members."""
        await check_around(self._check_all, [member.gate.prepare for member in self._ordered])

    async def _check_all(self) -> None:
        await all_of(*(member.gate.check() for member in self._ordered))

    async def _finish(self, _: list[str]) -> None:
        await leave_on_error(unless_out_of_reach(all_of(*(member.gate.look_over() for member in self._ordered))))
        if not pulumi.runtime.is_dry_run():
            await leave_on_error(self._carry_through())

    async def _carry_through(self) -> None:
        for member in self._ordered:
            await member.gate.restore()
        for member in reversed(self._ordered):  # as in `_stand_by`
            if member.gate.stops_pods:
                await member.gate.finish()
        await all_of(*(member.gate.finish() for member in self._ordered if not member.gate.stops_pods))
        for member in self._ordered:
            await member.gate.clear_up()


def _settings(
    group: str, member: str, given: BlueGreenSettings | Mapping[str, Any], active: Color
) -> BlueGreenSettings:
    if isinstance(given, BlueGreenSettings):
        made = given.model_copy(update={"active": active})
    else:
        made = from_fields(BlueGreenSettings, {**given, "active": active}, f"{group}.{member}")
    return made


def _refuse_unfit(
    group: str, canary: Canary | None, color_header: str | None, members: Mapping[str, BlueGreenSettings]
) -> None:
    found = [
        Problem(render_path(group, (member, *fault.at) if member else fault.at), fault.what, fault.why, fault.fix)
        for member, fault in group_faults(canary, color_header, members)
    ]
    if found:
        raise ConfigError(found)
