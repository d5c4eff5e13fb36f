"""An adopted service as the gates see it: which color was adopted, and whether its config still fits it."""

from collections.abc import Mapping

from components.cluster.cluster import Cluster
from components.releases.adopted import as_adopted
from components.releases.view import ReleaseView
from components.rules.errors import GateRefused
from components.rules.facts import LiveService
from contract.annotations import ADOPTED
from contract.labels import COLOR


def serving_color(live: LiveService) -> str | None:
    """The color that a live Service selects: by its label, or the adopted one where it selects nothing of ours yet."""
    return live.selector.get(COLOR) or live.annotations.get(ADOPTED)


def adopted_color(*releases: ReleaseView | None) -> str | None:
    """The color that is adopted; None when none is any more. It is kept on the live Service."""
    return next((view.color for view in releases if view and view.adopted), None)


def note_changes(live: LiveService, *releases: ReleaseView | None) -> bool:
    """Whether the note on the live Service has to change."""
    return live.annotations.get(ADOPTED) != adopted_color(*releases)


async def refuse_change(cluster: Cluster, service: str, view: ReleaseView) -> None:
    """The refusal of an edit of an adopted release: its pods are left as they run. Raises GateRefused."""
    found = {pod.image for pod in as_adopted(await cluster.pods(view.selector), view.release) if not pod.terminating}
    if found and found != {view.release.image}:
        raise GateRefused(
            f"{service}: {view.color} adopts pods that run {', '.join(sorted(found))}, and the config says "
            f"{view.release.image}",
            "an adopted Deployment is left as it is, so the release of the config would never come up",
            f"for a new release remove `adopt` from {service}'s {view.color}; else write the image that runs",
        )


async def annotations_kept(cluster: Cluster, service: str, wanted: Mapping[str, str]) -> Mapping[str, str]:
    """The annotations of an adopted Service as they are now. Raises GateRefused where it was never taken over: the
    engine would say of its selector only that it differs.
    """
    live = await cluster.live_service(service)
    if live is None:
        raise GateRefused(
            f"{service}: `adopt_service` is set, and there is no Service of that name",
            "there is nothing to take over, so nothing would answer under that name",
            "remove `adopt_service`, or name the service as its Service is named",
        )
    if live.selector != wanted and serving_color(live) is None:
        raise GateRefused(
            f"{service}: the Service selects {dict(live.selector)} and was not adopted yet",
            "a cutover needs both colors: what serves now has to be known before the traffic leaves it",
            f"`cutover adopt {service}` writes what is live into the config; then `pulumi up` once, and after it the "
            "cutover",
        )
    return live.annotations
