"""The refusal of a change of a StatefulSet's immutable fields: its claims, the Service that names its pods.

For another one the engine would delete the set and make it anew, with all of its pods. So those fields are ignored in
what it compares, and a change of one is refused here, in a preview too.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from components.cluster.cluster import Cluster
from components.rules import stateful_set
from components.rules.errors import StrategyChanged

IGNORED = [f"spec.{field}" for field in stateful_set.FIXED]
"""For `ignore_changes` of a StatefulSet."""
_OTHER = {"StatefulSet": "Deployment", "Deployment": "StatefulSet"}


class FixedSets:
    """The immutable fields of one component's StatefulSets. `stack` is the identity that they carry."""

    def __init__(self, service: str, cluster: Cluster, stack: str) -> None:
        self._service, self._cluster, self._stack = service, cluster, stack
        self._wanted: dict[str, Mapping[str, Any]] = {}

    def know(self, name: str, spec: Mapping[str, Any]) -> None:
        """Remember a StatefulSet and the spec that the config gives it."""
        self._wanted[name] = spec

    async def refuse_change(self) -> None:
        """Refuse another immutable field for a set that exists. Raises SetChanged."""
        await asyncio.gather(*(self._look(name) for name in self._wanted))

    async def _look(self, name: str) -> None:
        live = await self._cluster.live_set(name)
        if live and live.stack == self._stack:
            refused = stateful_set.refusal(self._service, self._wanted[name], live)
            if refused:
                raise refused


def another_workload(service: str, kind: str, name: str) -> StrategyChanged:
    """The refusal to make a workload beside one of ours of the other kind and the same name."""
    return StrategyChanged(
        f"{service}: {_OTHER[kind].lower()}/{name} runs its pods, and the config makes it a {kind}",
        "the one would be deleted once the other is there: pods of both would serve at once, and what they keep in "
        "their claims or hold alone would not go from the one to the other",
        f"put `workload` back; put the new one beside it under another name (`{service}2`), `pulumi up`, send the "
        f"clients there, and then remove {service}",
    )


def other_kind(kind: str) -> str:
    """The other kind of workload that could run the pods of a rolling service; empty for a kind that runs none."""
    return _OTHER.get(kind, "")
