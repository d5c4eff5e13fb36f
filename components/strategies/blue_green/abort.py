"""`abort_on_deadline`: a release that missed its deadline is scaled to 0, unless anything of the traffic goes there: by
the live Service, by a front over environments, or by a Service of others.

Not before the engine has given it up: to its provider a Deployment of 0 pods is one that is up.
"""

import time
from collections.abc import Callable

import pulumi

from components.checks.readiness import Readiness
from components.checks.still_selected import refuse_while_reached
from components.cluster.cluster import Cluster
from components.cluster.watch import Watch
from components.hooks.engine import Hook, hook
from components.releases.planned import PlannedRelease
from components.rules.errors import CutoverError
from components.strategies.blue_green.gate import ReleaseGate
from components.strategies.blue_green.settings import BlueGreenSettings

TRIES = 5  # a workload whose pods fail changes now and then, between our look and our write


class Abort:
    """The end of one release that missed its deadline."""

    def __init__(
        self,
        name: str,
        settings: BlueGreenSettings,
        cluster: Cluster,
        gate: ReleaseGate,
        slot: PlannedRelease,
        say: Callable[[str], None],
    ) -> None:
        self._name, self._settings, self._cluster, self._gate = name, settings, cluster, gate
        self._slot, self._say = slot, say
        self._begun = 0.0

    def around(self) -> tuple[list[Hook], list[pulumi.ErrorHook]]:
        """The hooks before the step of the workload, and after a step that failed."""
        return [hook(f"{self._slot.name}-deadline", self.begin)], [
            pulumi.ErrorHook(f"{self._slot.name}-abort", self.failed)
        ]

    async def begin(self) -> None:
        """Take the time, right before the step."""
        self._begun = time.monotonic()

    async def failed(self, _: object) -> bool:
        """After the step failed. False: no other try by the engine, whatever becomes of this."""
        try:
            if time.monotonic() - self._begun >= self._settings.progress_deadline_seconds:
                await self._end()
        except CutoverError as error:
            why = str(error).splitlines()[0]
            self._say(f"{self._name}: {self._slot.color} {self._slot.revision} was not scaled to 0: {why}")
        return False

    async def _end(self) -> None:
        slot, kind, view = self._slot, self._settings.workload_plural, self._slot.view
        watch = Watch(self._name, self._cluster, self._say)
        for _ in range(TRIES):
            found = await self._cluster.workload(kind, slot.name)
            await self._gate.cutover.before_shrink(view)
            await refuse_while_reached(watch, view, slot.service)
            if found is None or not found.replicas:
                return
            ready = Readiness(self._cluster, view, view.replicas)
            if await ready.unmet() is None and not ready.lost:
                return  # it came up after all
            if await self._cluster.scale(kind, slot.name, 0, version=found.version):
                limit = f"its deadline of {self._settings.progress_deadline_seconds} s"
                self._say(
                    f"{self._name}: {slot.color} {slot.revision} missed {limit} and was scaled to 0 pods "
                    "(abort_on_deadline); the next `up` starts it again"
                )
                return
        self._say(f"{self._name}: {slot.name} changed each of {TRIES} times that it was to be scaled to 0 pods")
