"""The objects of one component: remembered as they are registered, looked for when the engine is done with them.

The engine compares with its own state. What somebody deleted is still in it, so the engine sees nothing to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.cluster.cluster import Cluster
from components.manifests.objects import KubernetesObject
from components.rules.errors import AGAIN, Gone, ReleaseGone


@dataclass(frozen=True)
class Registered:
    """An object of the component, as a resource and as what the cluster has; `imported` where others made it."""

    resource: pulumi.CustomResource
    api_version: str
    kind: str
    name: str
    imported: bool

    @property
    def called(self) -> str:
        """`deployment/shop`, as kubectl takes it."""
        return f"{self.kind.lower()}/{self.name}"


class Inventory:
    """The objects that the component of the service `service` registers, and whether the cluster has them."""

    def __init__(self, service: str, cluster: Cluster) -> None:
        self._service, self._cluster = service, cluster
        self._registered: list[Registered] = []

    def remember(self, args: pulumi.ResourceTransformationArgs) -> Registered:
        """Note an object that is about to be registered."""
        assert isinstance(args.resource, KubernetesObject)  # noqa: S101 - objects of the cluster only
        props: Mapping[str, Any] = args.props  # plain but for parts that are not read here
        imported = bool(args.opts.import_)
        made = Registered(args.resource, props["apiVersion"], props["kind"], args.resource.object_name, imported)
        self._registered.append(made)
        return made

    def is_imported(self, kind: str, name: str) -> bool:
        """Whether the object was there before this stack."""
        return any(one.imported and (one.kind, one.name) == (kind, name) for one in self._registered)

    async def missing(self) -> list[Registered]:
        """The objects that the state has and the cluster has not. Jobs are left out: they may be cleared away once
        done.
        """
        return [one for one in self._registered if one.kind != "Job" and await self._is_gone(one)]

    async def refuse_gone(self, workload: str) -> None:
        """At a gate, when the engine is done with it: to wait for pods that nobody starts helps nobody.
        Raises ReleaseGone.
        """
        kinds = ("Deployment", "ReplicaSet")
        made = next(one for one in self._registered if one.name == workload and one.kind in kinds)
        if await self._is_gone(made):
            raise release_gone(self._service, made.called)

    async def _is_gone(self, one: Registered) -> bool:
        try:
            if not await one.resource.id.is_known():  # in a preview: about to be made
                return False
        except Exception:  # it could not be made, which the engine itself says
            return False
        return not await self._cluster.has(one.api_version, one.kind, one.name)


def objects_gone(service: str, gone: list[Registered]) -> Gone:
    """The error of an `up` that finds objects of a service missing."""
    names = ", ".join(one.called for one in gone)
    fix = AGAIN
    if imported := ", ".join(one.called for one in gone if one.imported):
        fix += f"; but {imported} was there before this stack, which cannot make it: put it back as it was"
    return Gone(
        f"{service}: {names} {'is' if len(gone) == 1 else 'are'} not in the cluster any more",
        "the engine compares with its own state, which has it, and so sees nothing to do",
        fix,
    )


def release_gone(service: str, called: str) -> ReleaseGone:
    """The refusal to send traffic to a workload that was deleted."""
    return ReleaseGone(
        f"{service}: {called}, which is to take the traffic, is not in the cluster any more",
        "the engine compares with its own state, which has it, and so sees nothing to do: no pod would answer",
        AGAIN,
    )
