"""The outage that each change of a service's pods is: announced in the plan, measured in the run.

That is so with `update: recreate`, and for a StatefulSet of one pod: two of one name cannot be.
"""

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
    """The measurement of the outage; None where pods are replaced a few at a time, or no cluster is known."""
    said = is_outage(settings)
    if said is None:
        return None
    pulumi.warn(f"{name}: {said}", component)
    short = "a StatefulSet of one pod" if settings.stateful else "update: recreate"

    def tell(seconds: float) -> None:
        pulumi.warn(f"{name}: no pod was ready for {seconds:.1f} s ({short})", component)

    return Outage(cluster, selector, tell) if cluster else None


def is_outage(settings: RollingSettings) -> str | None:
    """The outage of each change of the pods, in words: why and how long; None where there is none."""
    if settings.update == "recreate":
        return RECREATE
    if not settings.stateful or settings.fewest != 1:
        return None
    stop, start = settings.termination_grace_seconds, settings.progress_deadline_seconds
    return (
        "a StatefulSet of one pod: each change of it is an outage, as it stops before its successor starts; at least "
        f"{settings.pause_seconds} s (its pause before the stop), at most {stop} s to stop and {start} s to be ready "
        "(termination_grace_seconds, progress_deadline_seconds)"
    )
