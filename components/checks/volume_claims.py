"""The check of volume claims: a volume that only one node may mount would keep the second color's pods waiting."""

from collections.abc import Mapping
from typing import Any

from components.cluster.cluster import Cluster
from components.rules.errors import GateRefused

_ONE_NODE = {"ReadWriteOnce", "ReadWriteOncePod"}


def claims_of(template: Mapping[str, Any]) -> list[str]:
    """The PersistentVolumeClaims that the pods of a template share."""
    volumes = template.get("spec", {}).get("volumes") or []
    return [one["persistentVolumeClaim"]["claimName"] for one in volumes if one.get("persistentVolumeClaim")]


async def refuse_one_node_claims(cluster: Cluster, service: str, template: Mapping[str, Any]) -> None:
    """Raises GateRefused where a claim is for one node alone. One that is not there yet is left to the scheduler."""
    for claim in claims_of(template):
        modes = await cluster.access_modes(claim)
        if modes and set(modes) <= _ONE_NODE:
            raise GateRefused(
                f"{service}: the volume claim {claim} is {', '.join(modes)}: one node alone may mount it",
                "two colors run side by side: on another node the pods of the second would wait for the volume, and on "
                "the same node two releases would write to it at once",
                "use a claim with ReadWriteMany, keep the data outside of the pods, or make it a service with "
                "strategy: rolling and one pod",
            )
