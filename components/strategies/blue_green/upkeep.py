"""The upkeep of a blue/green service: its objects are there and as the config says, where the engine does not look."""

from collections.abc import Callable

import pulumi

from components.cluster.cluster import Cluster
from components.drain.rollout import RolloutGate, Wanted
from components.hooks.claim import Claim
from components.releases.planned import PlannedRelease
from components.strategies.blue_green.settings import BlueGreenSettings


class Upkeep:
    """The upkeep of one blue/green service. `say` takes one line of progress at a time."""

    def __init__(
        self, service: str, settings: BlueGreenSettings, claim: Claim, cluster: Cluster, say: Callable[[str], None]
    ) -> None:
        self._service, self._settings, self._claim, self._cluster, self._say = service, settings, claim, cluster, say

    async def look_over(self, *slots: PlannedRelease | None) -> None:
        """Every object of the state must exist, and a Deployment that was changed by hand is rolled back to the config.
        A preview only tells what is missing. Raises Gone, RolloutUnfinished.
        """
        for slot in slots:
            if slot and not pulumi.runtime.is_dry_run():
                await self._mend(slot)
        await self._claim.look_over()

    async def before_traffic(self, slot: PlannedRelease) -> None:
        """The same for what is about to take the traffic. Raises ReleaseGone, RolloutUnfinished, AddressChanged,
        PortChanged.
        """
        await self._claim.refuse_new_addresses()
        await self._claim.inventory.refuse_gone(slot.name)
        await self._mend(slot)

    async def _mend(self, slot: PlannedRelease) -> None:
        if slot.adopted or self._settings.workload != "deployment":  # left as it is; is never changed
            return
        patience_seconds = self._settings.progress_deadline_seconds
        wanted = Wanted(
            self._service, slot.name, slot.revision, slot.template, slot.selector, patience_seconds, slot.stop_seconds
        )
        await RolloutGate(wanted, self._cluster, self._say).mend()
