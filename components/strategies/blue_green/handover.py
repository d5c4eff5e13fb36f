"""The autoscalers of one blue/green service: two while the idle color has a share, then one again.

While there are two, neither takes a pod away (`manifests.beside.held`): each sees a part of the load only, and may have
to carry all of it at any moment. One alone is left once its color has all of the load and its metrics say so; the other
is deleted first, as no two may have one workload (KEDA refuses it, Kubernetes stops both).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.cluster import watch as limits
from components.cluster.autoscalers import HPA
from components.cluster.watch import Watch
from components.releases.planned import PlannedRelease
from components.rules.facts import Autoscaler
from components.settings.scaled_object import API_VERSION, KIND, is_scaled_object
from components.strategies.blue_green.gate import ReleaseGate
from components.strategies.blue_green.settings import BlueGreenSettings
from contract.annotations import HELD
from contract.releases import COLORS, color_service_name

WHOLE_LOAD_SECONDS = 60.0
"""How long an autoscaler may take to see a load that has moved: it looks every 15 s, at metrics that are as old. One
that still wants fewer pods then wants them for the whole load.
"""


class Handover:
    """The step before the autoscaler of the active color changes, for one service. `stack` is the identity of what may
    be deleted.
    """

    def __init__(
        self,
        watch: Watch,
        settings: BlueGreenSettings,
        stack: str,
        target: PlannedRelease,
        idle: PlannedRelease | None,
        gate: ReleaseGate,
    ) -> None:
        self._watch, self._stack, self._target, self._idle, self._gate = watch, stack, target, idle, gate
        self._shared = settings.scaled_beside
        self._kind = (API_VERSION, KIND) if is_scaled_object(settings.autoscaler) else HPA
        kept = settings.idle if self._shared else None
        self._leave = [color_service_name(watch.service, color) for color in COLORS if color != kept]

    async def before(self, args: pulumi.ResourceHookArgs) -> None:
        """Delete what autoscaler of a share is left, and give the idle color its standby size where it has none any
        more: once all traffic is where the config says, and seen there. Raises GateRefused, RouteUnseen.
        """
        ended = _holder(args.old_inputs) is not None and not self._shared
        there = await self._left()
        if not (there or ended):
            return
        if not self._shared:
            await self._gate.may_scale()
            await self._until_whole(there)
        for one in there:
            await self._watch.cluster.delete_autoscaler(one)
        await self._watch.until_none(self._still_there, limits.VERIFY_SECONDS, "the second autoscaler to be gone")
        if not self._shared:
            await self._gate.shrink_left()

    async def _left(self) -> list[Autoscaler]:
        found = [await self._watch.cluster.autoscaler(*self._kind, name) for name in self._leave]
        return [one for one in found if one and one.stack == self._stack]

    async def _still_there(self) -> str | None:
        return ", ".join(one.name for one in await self._left()) or None

    async def _until_whole(self, there: Sequence[Autoscaler]) -> None:
        """Wait for the autoscaler of the color that has all of the load, unless it wants no fewer pods than there are:
        what it wants until then is for a part of the load.
        """
        mine = next((one.name for one in there if one.target == self._target.name), self._watch.service)

        async def unmet() -> str | None:
            now = await self._watch.cluster.autoscaler(*self._kind, mine)
            return "it wants fewer pods" if now and now.held and now.target == self._target.name else None

        if await self._watch.until_none(unmet, WHOLE_LOAD_SECONDS, f"the autoscaler {mine} to see the whole load"):
            color = self._target.color
            self._watch.say(f"{self._watch.service}: {color} is scaled down from now on, as its autoscaler wants it")


def _holder(inputs: Mapping[str, Any] | None) -> str | None:
    """The color with a share that an autoscaler is held for, by what the engine wrote."""
    meta = (inputs or {}).get("metadata") or {}
    holder: str | None = (meta.get("annotations") or {}).get(HELD)
    return holder
