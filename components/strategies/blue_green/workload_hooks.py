"""The hooks of one color's workload: what refuses a change of it, what watches it come up, what is noted afterwards."""

import math
from collections.abc import Awaitable, Callable
from functools import partial

import pulumi

from components.checks.readiness import Readiness, hopeless, late
from components.checks.volume_claims import claims_of, refuse_one_node_claims
from components.cluster.cluster import Cluster
from components.hooks.early_warning import EarlyWarning
from components.hooks.engine import Hook, hook, hook_with_arguments, teller, unless_out_of_reach, warner
from components.hooks.provenance import provenance_hook
from components.releases.planned import PlannedRelease
from components.rules.digest import stable_digest
from components.strategies.blue_green.abort import Abort
from components.strategies.blue_green.gate import ReleaseGate
from components.strategies.blue_green.settings import BlueGreenSettings


class WorkloadHooks:
    """The hooks of the workloads of the service `name`; warnings are told in the name of `component`."""

    def __init__(
        self,
        component: pulumi.ComponentResource,
        name: str,
        settings: BlueGreenSettings,
        cluster: Cluster,
        gate: ReleaseGate,
    ) -> None:
        self._warn, self._tell = warner(component), teller(component)
        self._name, self._settings, self._cluster, self._gate = name, settings, cluster, gate

    def of(self, slot: PlannedRelease, edits: list[Hook]) -> pulumi.ResourceHookBinding:
        """The hooks of one release, `edits` first.

        Their names are the same on both sides of a cutover: the engine writes its whole state for each workload whose
        hooks have other names than before.
        """
        digest = stable_digest(dict(slot.template))
        kind = self._settings.workload_plural
        origin: list[Hook] = [provenance_hook(self._cluster, kind, slot.name, slot.release, digest, slot.selector)]
        view = slot.view
        deadline_seconds = self._settings.progress_deadline_seconds
        begin, end = EarlyWarning(
            lambda: Readiness(self._cluster, view, view.replicas),
            lambda lost: self._warn(hopeless(self._name, view, lost)),
            lambda unmet: self._warn(late(self._name, f"{view.color} {view.revision}", unmet, deadline_seconds)),
            # With `abort_on_deadline` the engine's own limit ends the wait: a run that is stopped aborts nothing.
            math.inf if self._settings.abort_on_deadline else deadline_seconds,
        ).around(slot.name)
        limit: list[Hook] = []
        failed: list[pulumi.ErrorHook] = []
        if self._settings.abort_on_deadline:
            limit, failed = Abort(self._name, self._settings, self._cluster, self._gate, slot, self._tell).around()
        return pulumi.ResourceHookBinding(
            before_create=[*edits, *begin, *limit],
            before_update=[*edits, *begin, *limit],
            after_create=[*end, *origin],
            after_update=[*end, *origin],
            on_error=failed,
        )

    def edits(self, slot: PlannedRelease, *, live: bool, shrink: Callable[[], Awaitable[None]] | None) -> list[Hook]:
        """The hooks that refuse an edit of one release, before its own Service or its workload changes. The `live` one
        takes no new release in place, which a preview says too; the idle one is left as it is while it still serves.
        `shrink` must hold before an update.
        """
        edits: list[Hook] = []
        if (share := self._gate.share) and share is not self._gate.replicas:

            async def shared() -> None:
                if self._gate.route or not live:  # attached pods of another release stay the only ones of their color
                    await unless_out_of_reach(share.refuse_edit(slot))

            edits.append(hook(f"{slot.name}-shared", shared, on_dry_run=True))
        if not self._settings.allow_in_place_updates:
            edits.append(hook(f"{slot.name}-live-edit", lambda: self._refuse_live_edit(slot, live), on_dry_run=live))
        if claims_of(slot.template):
            edits.append(hook(f"{slot.name}-claims", lambda: self._refuse_claims(slot), on_dry_run=True))
        turn = partial(self._turn, slot, live, shrink)
        edits.append(hook_with_arguments(f"{slot.name}-switch", turn, on_dry_run=True))
        return edits

    async def _turn(
        self,
        slot: PlannedRelease,
        live: bool,
        shrink: Callable[[], Awaitable[None]] | None,
        args: pulumi.ResourceHookArgs,
    ) -> None:
        if live:  # before a cold color is brought up for nothing
            await self._gate.refuse_switch()
        await self._refuse_beside_a_share(slot)
        if args.old_inputs is None or pulumi.runtime.is_dry_run():
            return
        if self._gate.replicas and not _only_fewer(args):
            await self._gate.replicas.before_growth(slot)
        if not live and shrink:
            await shrink()

    async def _refuse_beside_a_share(self, slot: PlannedRelease) -> None:
        if self._gate.replicas:
            await unless_out_of_reach(self._gate.replicas.refuse_edit(slot))

    async def _refuse_claims(self, slot: PlannedRelease) -> None:
        await unless_out_of_reach(refuse_one_node_claims(self._cluster, self._name, slot.template))

    async def _refuse_live_edit(self, slot: PlannedRelease, live: bool) -> None:
        async def refuse() -> None:
            await self._refuse_beside_a_share(slot)
            if not live:
                await self._gate.settle()
            await self._gate.cutover.live_edit.refuse(slot.view)

        await unless_out_of_reach(refuse())


def _only_fewer(args: pulumi.ResourceHookArgs) -> bool:
    """Whether a workload gets fewer pods than it has."""
    old, new = (((inputs or {}).get("spec") or {}).get("replicas") for inputs in (args.old_inputs, args.new_inputs))
    return isinstance(old, int | float) and isinstance(new, int | float) and new < old
