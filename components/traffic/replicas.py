"""The router of a live Service that sends to both colors while a canary lasts: every ready pod of each is behind it.

No pod is labeled and no template changed, so it is for Deployments too. The share of the idle color is its number of
pods. The selector finds all pods of the service, so the gates make sure before it is widened that there are none but
those of the two releases, and none is let in while it lasts.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from components.cluster import watch as limits
from components.cluster.watch import TRIES, Watch
from components.releases.view import ReleaseView
from components.rules.errors import Moved, ShareUnverified
from components.rules.facts import LiveService, Pod, why_not_switched
from components.rules.labels import both_selector
from components.traffic.selector import SelectorRouter
from contract.annotations import COMPLETED, SERVES, SWITCHED
from contract.attachment import selects
from contract.both_colors import serving, switched_note
from contract.labels import REVISION
from contract.words import counted


def named(view: ReleaseView) -> tuple[str, str]:
    """A release as the notes of a live Service name it: its color, and its revision as a label."""
    return view.color, view.selector.get(REVISION, "")


class ReplicaRouter(SelectorRouter):
    """The router by the selector, which may find both colors. `beside` is the release of the other color; `shared`
    tells that it is to have a share.
    """

    def __init__(self, watch: Watch, beside: ReleaseView | None, *, shared: bool) -> None:
        super().__init__(watch)
        self._beside, self._shared = beside, shared
        self._both = both_selector(watch.service)

    def fits(self, live: LiveService, target: ReleaseView) -> bool:
        """See Router. Both colors only where a share is wanted."""
        return super().fits(live, target) or (self._shared and self.is_wide(live, target))

    def is_wide(self, live: LiveService, target: ReleaseView) -> bool:
        """Whether the live Service sends to both colors, and the target is the active one."""
        return live.selector == self._both and serving(live.selector, live.annotations) == named(target)

    async def pods(self) -> list[Pod]:
        """The pods that stay and that a selector of both colors finds, whatever their release."""
        return [pod for pod in await self._watch.cluster.pods(self._both) if not pod.terminating]

    async def stop_strangers(self, target: ReleaseView) -> None:
        """Scale to 0 what runs releases that this edit takes out of the config: the engine deletes it at the very end,
        and a wide selector would find its pods.
        """
        for one in await self._watch.cluster.workloads(self._both):
            if one.replicas and not any(selects(each.selector, one.selector) for each in self._releases(target)):
                self._say(f"{one.name} is in the config no more: stopping it before both colors get traffic")
                await self._watch.cluster.scale(one.kind, one.name, 0)

    async def widen(self, target: ReleaseView) -> None:
        """Have the live Service send to both colors, where it sends to the target alone. Raises Moved."""
        for _ in range(TRIES):
            live = await self._watch.cluster.live_service(self._watch.service)
            if live is not None and self.is_wide(live, target):
                return
            if live is None or not super().fits(live, target):
                raise self._moved(live, f"{target.color} {target.revision}")
            since = live.serves_since or live.created or datetime.now(UTC)
            notes = {SERVES: "/".join(named(target)), SWITCHED: switched_note(*named(target), since)}
            if await self._watch.cluster.select(self._watch.service, live, self._both, notes):
                return
        raise self._changes()

    async def narrow(self, active: tuple[str, str], selector: Mapping[str, str]) -> None:
        """Have the live Service send to the release that is active (its color and revision), which `selector` finds,
        and see that it does. As after every switch, its end is still to come. Raises Moved, ShareUnverified.
        """
        notes = {SERVES: None, COMPLETED: None}
        for _ in range(TRIES):
            live = await self._watch.cluster.live_service(self._watch.service)
            if live is None or live.selector != self._both or serving(live.selector, live.annotations) != active:
                raise self._moved(live, " ".join(active))
            if await self._watch.cluster.select(self._watch.service, live, selector, notes):
                break
        else:
            raise self._changes()

        async def unmet() -> str | None:
            cluster = self._watch.cluster
            return why_not_switched(await cluster.endpoints(self._watch.service), await cluster.pods(selector))

        if reason := await self._watch.until_none(unmet, limits.VERIFY_SECONDS, f"endpoints of {active[0]} alone"):
            raise ShareUnverified(
                f"{self._watch.service}: {limits.VERIFY_SECONDS:g} s after it was to send to {active[0]} alone, "
                f"{reason}",
                "new connections may still reach pods that are to get none",
                f"see `kubectl get endpointslices -n {self._watch.namespace} -l "
                f"kubernetes.io/service-name={self._watch.service}`; `pulumi up` goes on from here",
            )

    async def shares(self, active: Mapping[str, str]) -> tuple[int, int]:
        """How many pods get new connections: of the release that the selector `active` finds, and others."""
        pods, endpoints = await asyncio.gather(self.pods(), self._watch.cluster.endpoints(self._watch.service))
        names = {one.pod for one in endpoints if one.ready}
        own = [selects(active, pod.labels) for pod in pods if pod.name in names]
        return sum(own), len(own) - sum(own)

    async def until_alone(self, target: ReleaseView, seconds: float) -> str | None:
        """Wait until there is no pod of a third release, and of the other color no more than it is to have; why not
        where that lasts.
        """

        async def unmet() -> str | None:
            found = await self.pods()
            ours = [[pod for pod in found if selects(one.selector, pod.labels)] for one in self._releases(target)]
            known = {pod.uid for pods in ours for pod in pods}
            if strange := sorted(pod.name for pod in found if pod.uid not in known):
                return f"pods of neither release are there: {', '.join(strange)}"
            if self._beside and len(ours[-1]) > self._beside.replicas:
                return (
                    f"{self._beside.color} has {counted(len(ours[-1]), 'pod')}, and is to have {self._beside.replicas}"
                )
            return None

        return await self._watch.until_none(unmet, seconds, "no pod but those of the two releases")

    async def _takers(self, target: ReleaseView) -> list[Pod]:
        live = await self._watch.cluster.live_service(self._watch.service)
        own = await super()._takers(target)
        if live is None or self._beside is None or not self.is_wide(live, target):
            return own
        return [*own, *await self._watch.cluster.pods(self._beside.selector)]

    def _releases(self, target: ReleaseView) -> list[ReleaseView]:
        return [one for one in (target, self._beside) if one]

    def _moved(self, live: LiveService | None, wanted: str) -> Moved:
        now = f"selects {dict(live.selector)}" if live else "is gone"
        return Moved(
            f"{self._watch.service}: the live Service {now} now, no longer {wanted}",
            "somebody moved it while the share of the other color was to change; to go on could undo that",
            f"set `active` to what shall serve, then `pulumi up`; `cutover status` shows {self._watch.service}",
        )

    def _changes(self) -> Moved:
        return Moved(
            f"{self._watch.service}: the live Service changed {TRIES} times while its selector was to be set",
            "what somebody wrote a moment ago could be undone",
            f"look who changes it (`kubectl get service {self._watch.service} -n {self._watch.namespace} -o "
            "yaml --show-managed-fields`), then `pulumi up`",
        )

    def _say(self, text: str) -> None:
        self._watch.say(f"{self._watch.service}: {text}")
