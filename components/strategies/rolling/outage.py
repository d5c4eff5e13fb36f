"""With `update: recreate`: that each change is an outage, said beforehand, and how long it was, said afterwards."""

from collections.abc import Mapping

import pulumi

from components.cluster.cluster import Cluster
from components.hooks.outage import Outage
from components.strategies.rolling.settings import RollingSettings

RECREATE = "update is recreate: each change of its pods is an outage, from the last old one to the first new one"


def outage_of(
    component: pulumi.Resource,
    name: str,
    settings: RollingSettings,
    cluster: Cluster | None,
    selector: Mapping[str, str],
) -> Outage | None:
    """What measures it; None where pods are replaced a few at a time, or nobody knows which cluster to ask."""
    if settings.update != "recreate":
        return None
    pulumi.warn(f"{name}: {RECREATE}", component)

    def tell(seconds: float) -> None:
        pulumi.warn(f"{name}: no pod was ready for {seconds:.1f} s (update: recreate)", component)

    return Outage(cluster, selector, tell) if cluster else None
