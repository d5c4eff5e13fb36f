"""The look at each Service that stands, for what clients know of it: another `clusterIP` is refused, so is a port that
the pods that serve do not have, and a type that takes their address from clients outside of the cluster is warned of.

The engine deletes a Service whose `clusterIP` changes and makes it anew, and asks no hook before that. So each Service
is looked at before the engine hears of it, in a preview at its end.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import pulumi

from components.cluster.cluster import Cluster
from components.hooks.engine import Once, leave
from components.rules import service_address, service_ports
from components.rules.errors import CutoverError
from components.rules.ownership import Existing


class Addresses:
    """The addresses of the Services of one component, without adopted ones. `stack` is the identity that they carry."""

    def __init__(self, cluster: Cluster, namespace: str, stack: str) -> None:
        self._cluster, self._namespace, self._stack = cluster, namespace, stack
        self._looks: dict[str, Once[None]] = {}

    def know(self, name: str, spec: dict[str, Any]) -> None:
        """Remember a Service and the spec that the config gives it."""
        self._looks[name] = Once(partial(self._look, name, spec))

    async def refuse_new(self) -> None:
        """Refuse another address or port for a Service that exists. Raises AddressChanged, PortChanged."""
        await asyncio.gather(*(look() for look in self._looks.values()))

    def before_registration(self, name: str, metadata: pulumi.Input[Any]) -> asyncio.Task[Any]:
        """The metadata of a Service, once it is seen that the engine would not make it anew. Else the program ends."""
        told = asyncio.ensure_future(self._metadata(name, metadata))
        told.add_done_callback(lambda one: one.cancelled() or one.exception())  # where nobody waits for it any more
        return told

    async def _metadata(self, name: str, metadata: pulumi.Input[Any]) -> Any:
        try:
            await self._looks[name]()
        except CutoverError as error:
            await leave(error)
        return await pulumi.Output.from_input(metadata).future()

    async def _look(self, name: str, spec: Mapping[str, Any]) -> None:
        live = await self._cluster.existing("v1", "Service", name)
        if live and live.stack == self._stack:
            if refused := service_address.refusal(spec.get("clusterIP") or "", live, self._namespace):
                raise refused
            await self._refuse_other_ports(live, spec)
            if said := service_address.lost_outside(spec.get("type") or "", live):
                pulumi.warn(said)

    async def _refuse_other_ports(self, live: Existing, spec: Mapping[str, Any]) -> None:
        if changes := service_ports.changed(spec, live):
            pods = await self._cluster.pods(live.selector)
            if refused := service_ports.refusal(changes, live, pods):
                raise refused
