"""One service with a blue and a green release, and the order of one `up`.

Owns what its stages make (`stages`), and their order. Does not own the Namespace, an Ingress, or existing Secrets.

Resources are registered active color's own Service -> its workload -> smoke job -> live Service -> idle color's own
Service -> its workload, each after the one before, and the first failure ends that. The order turns round with the
active color. A workload's name, in the cluster and in the stack, carries its revision: another release is another
resource, and the old one is deleted at the very end of a run that went well (docs/adr/0003).
"""

from typing import Any, Unpack, overload

import pulumi

from components.hooks.component import Component
from components.hooks.engine import leave_on_error, unless_out_of_reach
from components.releases.content import refuse_unusable_secrets
from components.settings import Release
from components.settings.secret_keys import Path
from components.strategies.arguments import Place, read_arguments
from components.strategies.blue_green.fields import BlueGreenFields
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.blue_green.stages import Membership, Stages
from contract.releases import COLORS


class BlueGreenService(Component):
    """A service with a blue and a green release, one of them live.

    `active` is a plain value, so a preview shows the cutover. A change of it performs the cutover; the same change back
    is the rollback.
    """

    active: pulumi.Output[str]
    """The color that serves, known once its endpoints are verified."""
    address: pulumi.Output[str]
    """URL of the live Service inside the cluster."""
    preview_address: pulumi.Output[str | None]
    """URL of the idle color's own Service inside the cluster; None without an idle release."""
    releases: pulumi.Output[dict[str, str]]
    """Release id per color."""

    @overload
    def __init__(
        self, name: str, settings: BlueGreenSettings, *, membership: Membership | None = None, **place: Unpack[Place]
    ) -> None: ...

    @overload
    def __init__(self, name: str, **fields: Unpack[BlueGreenFields]) -> None: ...

    def __init__(
        self,
        name: str,
        settings: BlueGreenSettings | None = None,
        *,
        membership: Membership | None = None,
        **given: Any,
    ) -> None:
        """The service, made.

        Args:
            name: Name of the service, of its objects in the cluster and of its resources.
            settings: All settings as one object; or give them as keyword arguments, field by field.
            membership: Its place in a group or in environments, which then run the stages and call `publish_after`.
            given: Keyword arguments: `namespace`, `cluster`, `opts`, and the fields of the settings.

        Raises:
            ConfigError: The settings are wrong. Every problem is named, and nothing is made.
        """
        asked = read_arguments(BlueGreenSettings, name, settings, **given)
        cluster = asked.gated_cluster()
        releases: dict[Path, Release | None] = {(color,): asked.settings.release(color) for color in COLORS}
        releases |= {("kept", place): one for place, one in enumerate(asked.settings.kept)}
        refuse_unusable_secrets(name, asked.settings, releases)
        super().__init__("BlueGreenService", name, asked.namespace, asked.opts)
        self.stages = Stages(self, name, asked.settings, asked.namespace, cluster, membership or Membership())
        """The stages of an `up`, for the component that runs them."""
        if membership is None:
            self._run(shared=asked.settings.exposed)

    def _run(self, *, shared: bool) -> None:
        """Run the stages. The idle color gets a share once it is up, and loses it before it stops."""
        stages = self.stages
        live = stages.switch(stages.bring_up())
        if shared:
            scaler = stages.scale(live)
            standby = stages.stand_by([live])
            share = stages.weigh([live, *scaler, *standby])
        else:
            share = stages.weigh([live])
            scaler = stages.scale(live, share)
            standby = stages.stand_by([live, *share, *scaler])

        async def finish(_: Any) -> None:
            await leave_on_error(unless_out_of_reach(stages.gate.look_over()))
            if not pulumi.runtime.is_dry_run():
                await leave_on_error(self._finish())

        self.publish_after(pulumi.Output.all(*(one.urn for one in [live, *scaler, *standby, *share])).apply(finish))

    async def _finish(self) -> None:
        await self.stages.gate.restore()
        await self.stages.gate.finish()
        await self.stages.gate.clear_up()

    def publish_after(self, done: pulumi.Output[Any]) -> None:
        """Register the outputs; `active` is known when `done` is."""
        stages = self.stages
        self.active = done.apply(lambda _: stages.target.color)
        self.address = pulumi.Output.from_input(stages.address)
        self.preview_address = pulumi.Output.from_input(stages.preview_address)
        self.releases = pulumi.Output.from_input({one.color: one.release.id for one in stages.releases})
        self.publish(
            {
                "active": self.active,
                "address": self.address,
                "previewAddress": self.preview_address,
                "releases": self.releases,
            }
        )
