"""One service with a blue and a green release, and the order of one `up`.

Resources are registered active workload -> its own Service -> smoke job -> live Service -> idle workload, each
depending on the one before, so the engine keeps that order and stops at the first failure. The edges turn round with
the active color. A workload's name, in the cluster and in the stack, carries its revision: another release is another
resource, and the old one is deleted at the very end of a run that went well (docs/adr/0003).
"""

from typing import Any, Unpack, overload

import pulumi

from components.cluster.access import cluster_for
from components.cluster.cluster import Cluster
from components.hooks.engine import leave_on_error, unless_out_of_reach
from components.settings.parse import from_fields
from components.strategies.blue_green.fields import BlueGreenFields
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.blue_green.stages import TwoColors


class BlueGreenService(TwoColors):
    """A service with a blue and a green release, one of them live.

    `active` is a plain value, so that a preview shows the cutover. A change of it performs the cutover; the same change
    back is the rollback.
    """

    @overload
    def __init__(
        self,
        name: str,
        settings: BlueGreenSettings,
        *,
        namespace: str,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        name: str,
        *,
        namespace: str,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **fields: Unpack[BlueGreenFields],
    ) -> None: ...

    def __init__(
        self,
        name: str,
        settings: BlueGreenSettings | None = None,
        *,
        namespace: str,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **fields: Any,
    ) -> None:
        """Settings come as one object or field by field. `cluster` is where the gates look: by default where the
        default provider of this program deploys to. Raises ConfigError.
        """
        settings = settings or from_fields(BlueGreenSettings, fields, name)
        super().__init__(name, settings, namespace, cluster or cluster_for(name, namespace, opts), opts)
        live = self.switch(self.bring_up())
        if settings.exposed:  # a share is given to what stands, and taken from what is to stop
            standby = self.stand_by([live])
            beside = self.weigh([live, *standby])
        else:
            beside = self.weigh([live])
            standby = self.stand_by([live, *beside])

        async def finish(_: Any) -> None:
            await leave_on_error(unless_out_of_reach(self.gate.look_over()))
            if not pulumi.runtime.is_dry_run():
                await leave_on_error(self._finish())

        self.export(pulumi.Output.all(*(resource.urn for resource in [live, *standby, *beside])).apply(finish))

    async def _finish(self) -> None:
        await self.gate.restore()
        await self.gate.finish()
        await self.gate.clear_up()
