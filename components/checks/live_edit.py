"""The check against live edits: the release that serves is not edited in place, nor lost in the edit that leaves it."""

from components.checks.readiness import pods_as_asked
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.errors import LiveReleaseEdit
from components.rules.facts import LiveService
from components.rules.labels import both_selector, live_selector
from components.traffic import adoption
from components.traffic.router import Router
from contract.annotations import ADOPTED, COMPLETED
from contract.labels import COLOR, REVISION
from contract.releases import runs_release


class LiveEdit:
    """The check of the release that serves on a color, before its workload is made or changed."""

    def __init__(self, watch: Watch, router: Router) -> None:
        self._watch, self._router = watch, router

    async def refuse(self, view: ReleaseView) -> None:
        """The color must not be serving another release. Another image under the same version and build is another
        release too. Raises LiveReleaseEdit.
        """
        serving = await self.other_release(view)
        if serving is None:
            return
        raise LiveReleaseEdit(
            f"{self._watch.service}: {view.color} takes the traffic with release {serving}, and the config gives it "
            f"release {view.release.id} from image {view.release.image}",
            "the release that serves would be replaced without a preview of it and without a standby to roll back to",
            f"put the release on the other color and set `active` to it, or set `allow_in_place_updates: true` on "
            f"{self._watch.service}",
        )

    async def other_release(self, view: ReleaseView) -> str | None:
        """The release that takes traffic on this color, for people, where it is another one than the config's."""
        live = await self._watch.cluster.live_service(self._watch.service)
        return await self._other_release(live, view) if live else None

    async def refuse_loss(self, target: ReleaseView, idle: ReleaseView | None) -> None:
        """Before a member of a group is switched: the release that serves must stay what the config has on its color.
        Pods that drain go on calling their own color of the other members. Raises LiveReleaseEdit.
        """
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None or (idle and idle.adopted) or await self._router.serves(live, target):
            return
        if idle:
            lost, now = await self._other_release(live, idle), f"release {idle.release.id} from {idle.release.image}"
        else:
            lost, now = await self._serving_beside(live, target), "no release"
        if lost:
            raise LiveReleaseEdit(
                f"{self._watch.service}: {target.color} is to take the traffic from release {lost}, and the same edit "
                f"gives the color of that one {now}",
                "callers in the group that still drain would meet another release of it, or nobody",
                "leave the release that serves as it is and cut over; change or remove it in the next edit",
            )

    async def _serving_beside(self, live: LiveService, target: ReleaseView) -> str | None:
        """The release on another color than the target's that a live Service of our making, or adopted, sends to."""
        if not adoption.serving_color(live) and live.selector != live_selector(self._watch.service):
            return None
        pods = [pod for pod in await self._watch.cluster.pods(live.selector) if not pod.terminating]
        found = {pod.labels.get(REVISION, "adopted") for pod in pods if pod.labels.get(COLOR) != target.color}
        return ", ".join(sorted(found)) or None

    async def _other_release(self, live: LiveService, view: ReleaseView) -> str | None:
        """The release that serves on this color, where it is another one than the config's."""
        if COLOR not in live.selector and ADOPTED in live.annotations:  # its first selector still
            serves = live.annotations[ADOPTED] == view.color
            return f"{live.annotations.get(COMPLETED, '')}, which was adopted".lstrip(", ") if serves else None
        mixed = live.selector in (live_selector(self._watch.service), both_selector(self._watch.service))
        if not (mixed or live.selector.get(COLOR) == view.color):
            return None
        pods, revisions = await self._watch.cluster.pods(live.selector), {live.selector.get(REVISION, "")}
        if mixed:  # it may find both colors while a cutover or a canary is under way
            pods = [pod for pod in pods if pod.labels.get(COLOR) == view.color and not pod.terminating]
            revisions = {pod.labels.get(REVISION, "") for pod in pods}
        serving = ", ".join(sorted(revisions))
        if all(runs_release(revision, view.release.id) for revision in revisions):
            images = {pod.image for pod in await pods_as_asked(self._watch.cluster, view, pods)}
            if images <= {view.release.image}:
                return None
            serving += f" from image {', '.join(sorted(images))}"
        return serving
