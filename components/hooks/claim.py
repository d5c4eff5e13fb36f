"""The claim of a component to its objects: a hook that refuses to make or change what belongs to somebody else.

The provider takes over what exists under the name and says nothing; `destroy` of this stack would later delete it. So
the cluster is asked, in a preview too. An object that this stack made in a run that died carries the stack's identity
and is taken over. At the end of an `up` every object must still be there (`inventory`).
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import pulumi

from components.cluster.cluster import Cluster
from components.hooks.addresses import Addresses
from components.hooks.engine import Hook, Once, Run, hook_with_arguments, unless_out_of_reach
from components.hooks.fixed import FixedSets, another_workload, other_kind
from components.hooks.inventory import Inventory, objects_gone
from components.hooks.trial import refuse_unfit
from components.rules import ownership
from components.rules.errors import ClusterRefused, NamespaceMissing, NotOurs, StrategyChanged
from components.rules.ownership import Existing
from contract.annotations import STACK
from contract.labels import PART_OF
from contract.ownership import identity

PLAN_SECONDS = 15.0


class Claim:
    """The claim of one component. `service` is the name of its Service that takes traffic; `kind` is one of
    `components.rules.ownership`.
    """

    def __init__(self, service: str, namespace: str, cluster: Cluster, kind: str) -> None:
        self._service, self._namespace, self._cluster, self._kind = service, namespace, cluster, kind
        self._project = pulumi.get_project()
        self._stack = identity(self._project, pulumi.get_stack())
        self._before = Once(self._look_first)
        run: Run = self._check
        self._hook: Hook = hook_with_arguments(f"{service}-claim", run, on_dry_run=True)
        self.inventory = Inventory(service, cluster)
        """What it registered, and whether the cluster has it."""
        self.stack = self._stack
        """The identity that the objects of this stack carry."""
        self._addresses = Addresses(cluster, namespace, self._stack)
        self._sets = FixedSets(service, cluster, self._stack)

    def options(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a resource, with the question before all its other hooks. It is remembered for `look_over`."""
        given: pulumi.ResourceHookBinding = options.pop("hooks", None) or pulumi.ResourceHookBinding()
        hooks = pulumi.ResourceHookBinding(
            before_create=[self._hook, *(given.before_create or [])],
            before_update=[self._hook, *(given.before_update or [])],
            after_create=given.after_create,
            after_update=given.after_update,
            on_error=given.on_error,
        )
        return pulumi.ResourceOptions(hooks=hooks, transformations=[self._remember], **options)

    async def look_over(self) -> None:
        """The look for objects that the state has and the cluster has not; in a preview too. Raises Gone,
        AddressChanged, PortChanged, SetChanged.
        """
        limit_seconds = PLAN_SECONDS if pulumi.runtime.is_dry_run() else None  # a plan may be made without the cluster
        try:
            async with asyncio.timeout(limit_seconds):
                await self.refuse_new_addresses()
                await self._sets.refuse_change()
                gone = await self.inventory.missing()
        except TimeoutError:
            return
        if gone:
            raise objects_gone(self._service, gone)

    async def refuse_new_addresses(self) -> None:
        """A Service of the component that stands keeps its address, or stays without one, and asks for a port that the
        pods that serve have. Raises AddressChanged, PortChanged.
        """
        await self._addresses.refuse_new()

    def _remember(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        made = self.inventory.remember(args)
        props: Mapping[str, Any] = args.props
        if made.kind == "StatefulSet":
            self._sets.know(made.name, props["spec"])
        if made.kind != "Service" or made.imported:
            return None
        self._addresses.know(made.name, props["spec"])
        if pulumi.runtime.is_dry_run():  # nothing is deleted there, and the cluster may be out of reach
            return None
        metadata = self._addresses.before_registration(made.name, props["metadata"])
        return pulumi.ResourceTransformationResult({**props, "metadata": metadata}, args.opts)

    async def _check(self, args: pulumi.ResourceHookArgs) -> None:
        if args.new_inputs:
            await unless_out_of_reach(self._refuse(args.new_inputs, args))

    async def _refuse(self, new: Mapping[str, Any], args: pulumi.ResourceHookArgs) -> None:
        found = await self._refuse_others(new, args.old_inputs)
        taken = found is not None and args.old_inputs is None  # over, or it is to be made anew: nothing tells which
        imported = self.inventory.is_imported(new["kind"], new["metadata"]["name"])
        if pulumi.runtime.is_dry_run() and not taken and not imported:
            outputs = (args.old_outputs or {}) if args.old_inputs is not None else None
            await refuse_unfit(self._cluster, self._service, new, outputs)

    async def _refuse_others(self, new: Mapping[str, Any], old: Mapping[str, Any] | None) -> Existing | None:
        await self._before()
        name = new["metadata"]["name"]
        found = await self._cluster.existing(new["apiVersion"], new["kind"], name)
        if found is None:
            await self._refuse_another_workload(new)
            return None
        if old is None:
            self._refuse_taking_over(found, adopts=not _identity_of(new))
        elif ownership.is_anothers(found, {self._stack, _identity_of(old)}):
            raise self._not_ours(found, "this stack's state has it too, so both would change it in turn")
        return found

    async def _look_first(self) -> None:
        """The look that is the same for all objects of the component."""
        if await self._cluster.namespace_state() in ("missing", "Terminating"):
            raise NamespaceMissing(
                f"the namespace {self._namespace} is not there, or is being deleted",
                "nothing can be made in it, and the engine would try for a minute before it says so",
                f"`kubectl create namespace {self._namespace}`, or mend `cutover:namespace`",
            )
        live = await self._cluster.existing("v1", "Service", self._service)
        if live and live.stack in (None, self._stack):
            self._refuse_another_kind(live)
        await self.refuse_new_addresses()
        await self._sets.refuse_change()

    def _refuse_another_kind(self, live: Existing) -> None:
        was = live.moved_by
        if was is None or was == self._kind or self._kind == ownership.FRONT:  # a front takes a service's own over
            return
        harm, back = "its Service would be made anew and then deleted under the same name", "set its strategy back"
        if self._kind == ownership.WORKER:
            harm, back = "its Service would be deleted", "put its `port` back"
        raise StrategyChanged(
            f"{self._service} is {was} in the cluster, and the config makes it {self._kind}",
            f"{harm}: clients would find nobody, or pods before their gates",
            f"{back}; put the new one beside it under another name (`{self._service}2`), `pulumi up`, "
            f"send the clients there, and then remove {self._service}",
        )

    async def _refuse_another_workload(self, new: Mapping[str, Any]) -> None:
        """A Deployment does not become a StatefulSet, nor the other way round."""
        other = other_kind(new["kind"])
        if not other or self._kind not in (ownership.ROLLING, ownership.WORKER):
            return
        with contextlib.suppress(ClusterRefused):  # the right to read StatefulSets only those have who make some
            there = await self._cluster.existing("apps/v1", other, new["metadata"]["name"])
            if there and there.stack == self._stack:
                raise another_workload(self._service, new["kind"], there.name)

    def _refuse_taking_over(self, found: Existing, *, adopts: bool) -> None:
        """What is adopted is taken over on purpose and may carry no identity yet; so may a Job that is replaced."""
        mine = found.stack == self._stack
        nobodys = found.stack is None and (
            adopts or (found.kind == "Job" and found.labels.get(PART_OF) == self._project)
        )
        if not (mine or nobodys):
            raise self._not_ours(found, "it would be taken over as it is, and `destroy` of this stack would delete it")

    def _not_ours(self, found: Existing, why: str) -> NotOurs:
        return NotOurs(
            f"{found.called} in {self._namespace} is there already and {found.owner}, not that of {self._stack}",
            why,
            f"give the service another name, or deploy to another namespace. To take it over while it serves: "
            f"`cutover adopt {self._service}`. If it is of this stack and only its state was lost: "
            f"`kubectl annotate --overwrite -n {self._namespace} {found.called} {STACK}={self._stack}`, then again",
        )


def _identity_of(inputs: Mapping[str, Any]) -> str:
    return str((inputs["metadata"].get("annotations") or {}).get(STACK, ""))
