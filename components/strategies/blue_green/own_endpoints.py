"""The endpoints of a color's own Service, before it gets requests by it."""

from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.releases.planned import PlannedRelease
from components.rules.errors import NotReady
from components.rules.facts import why_not_switched


async def until_endpoints(watch: Watch, slot: PlannedRelease) -> None:
    """Wait until the Service of that color sends to its ready pods: one without endpoints answers 503 for its whole
    share, with all conditions of the route true. Raises NotReady.
    """

    async def unmet() -> str | None:
        cluster = watch.cluster
        return why_not_switched(await cluster.endpoints(slot.service), await cluster.pods(slot.selector))

    if reason := await watch.until_none(unmet, limits.VERIFY_SECONDS, f"endpoints of {slot.service}"):
        raise NotReady(
            f"{watch.service}: the Service {slot.service} is not ready to take a share: {reason}",
            "its share of the users would get a 503",
            f"see `kubectl get endpointslices -n {watch.namespace} -l "
            f"kubernetes.io/service-name={slot.service}`, then `pulumi up`",
        )
