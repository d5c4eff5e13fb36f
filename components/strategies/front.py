"""A front: the one Service of its name, which sends to one of several backends and moves only behind the gates."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.checks.check import Check
from components.checks.smoke import Smoke
from components.cluster.cluster import Cluster
from components.cluster.watch import Watch
from components.hooks.claim import Claim
from components.hooks.engine import Hook, hook, teller, unless_out_of_reach
from components.hooks.inventory import release_gone
from components.manifests import beside, objects, workload
from components.releases.backend import Backend
from components.rules import ownership
from components.rules.labels import object_labels
from components.settings import PodSettings, SmokeCheck
from components.strategies.front_cutover import FrontCutover

KINDS = {"deployments": "Deployment", "replicasets": "ReplicaSet", "statefulsets": "StatefulSet"}
_OWNERS = ("RollingApp", "BlueGreenService", "SideBySide")  # of a Service that may become a front, by its name
_ENVIRONMENTS = "Environments::environments"  # the fronts of all environments have one owner


@dataclass(frozen=True)
class FrontRules:
    """The rules of a front's move from one backend to another.

    Args:
        gate_timeout_seconds: Time for each gate.
        smoke: The smoke check of its target.
        recycle: Whether the backend that it leaves gets new pods.
        see_off: Whether a backend that is to be deleted gets them too: what its pods call must be there until they
            have answered.
    """

    gate_timeout_seconds: int
    smoke: SmokeCheck | None
    recycle: bool
    see_off: bool = False


class Front:
    """The front `name` and its target backend. `settings` are that backend's: they tell the port."""

    def __init__(
        self,
        name: str,
        target: Backend,
        settings: PodSettings,
        rules: FrontRules,
        *,
        namespace: str,
        cluster: Cluster,
        parent: pulumi.Resource,
    ) -> None:
        self.target = target.view
        """The release that is to serve."""
        self.cutover = FrontCutover(Watch(name, cluster, teller(parent)))
        self.cutover.know(target)
        self._claim = Claim(name, namespace, cluster, ownership.FRONT)
        self._name = name
        self._backend, self._cluster = target, cluster
        self._settings = settings
        self._rules = rules
        self._namespace = namespace
        self._parent = parent

    @property
    def address(self) -> str:
        """URL of the front inside the cluster."""
        return f"http://{self._name}.{self._namespace}.svc:{self._settings.service_port}"

    async def check(self) -> None:
        """The gate: the target is ready, of the wanted release and answers rightly; the Service keeps its address.
        Raises GateRefused, AddressChanged, PortChanged.
        """
        await self._claim.refuse_new_addresses()
        kind = KINDS[self._backend.kind]
        if not await self._cluster.has("apps/v1", kind, self._backend.workload):
            raise release_gone(self._name, f"{kind.lower()}/{self._backend.workload}")
        await self.cutover.check(self.target, **self._limits)

    def switch(
        self, after: Sequence[pulumi.Resource], gate: Callable[[], Awaitable[None]] | None = None
    ) -> pulumi.Resource:
        """Register the Service, whose hooks ask the gate before it moves. `gate` takes the place of `check`."""

        async def before() -> None:
            await (gate or self.check)()
            await self.cutover.before_switch(self.target, timeout_seconds=self._rules.gate_timeout_seconds)

        async def plan() -> None:
            if pulumi.runtime.is_dry_run():
                await unless_out_of_reach(self.cutover.announce(self.target, self._checks))

        async def verify() -> None:
            await self.cutover.after_switch(self.target)

        gates: list[Hook] = [hook(f"{self._name}-gate", before)]
        plans: list[Hook] = [hook(f"{self._name}-plan", plan, on_dry_run=True)]
        hooks = pulumi.ResourceHookBinding(
            before_create=gates, before_update=[*plans, *gates], after_update=[hook(f"{self._name}-verify", verify)]
        )
        labels = object_labels(self._name, part_of=pulumi.get_project(), component="front")
        meta = workload.metadata(self._name, self._namespace, labels)
        manifest = beside.clients_service(meta, self._settings, self.target.selector)
        opts = self._claim.options(parent=self._parent, depends_on=list(after), hooks=hooks, aliases=self._earlier())
        return objects.Service(self._name, manifest, opts)

    def _earlier(self) -> list[pulumi.Alias]:
        """What the Service may have been until now: a service's own. It becomes the front rather than being in its way,
        and moves behind the gates, as from any backend.
        """
        place = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::cutover:index:"
        owners = [*(f"{owner}::{self._name}" for owner in _OWNERS), _ENVIRONMENTS]
        return [pulumi.Alias(parent=f"{place}{owner}") for owner in owners]

    async def look_over(self) -> None:
        """The Service must be in the cluster where the state has it; also in a preview. Raises Gone."""
        await self._claim.look_over()

    async def restore(self) -> None:
        """Move the front back where somebody else moved it."""
        await self.cutover.restore(self.target, **self._limits)

    async def finish(self) -> None:
        """Finish the switch: verify it, drain the backend that was left, note it; also a switch of an earlier run."""
        await self.cutover.finish(self.target, recycle=self._rules.recycle, see_off=self._rules.see_off)

    @property
    def _checks(self) -> tuple[Check, ...]:
        return (Smoke(self._rules.smoke, self._backend.service),) if self._rules.smoke else ()

    @property
    def _limits(self) -> dict[str, Any]:
        return {"timeout_seconds": self._rules.gate_timeout_seconds, "checks": self._checks}
