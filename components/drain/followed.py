"""The wait between a switch and the drain: load balancers that send to pods directly have to follow the switch.

A load balancer with targets of its own (AWS ALB in IP mode, a GKE NEG) learns of the new pods seconds after kube-proxy
does. Whether it has, only the user's own command can tell (`verify_after`). Nothing of the old color is stopped, shrunk
or restarted before.
"""

from components.checks.check import Check
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.traffic.router import Router
from contract.annotations import COMPLETED, SWITCHED


class Followed:
    """The wait of one service's switches. Without a `check` nothing is waited for."""

    def __init__(self, watch: Watch, router: Router, check: Check | None) -> None:
        self._watch, self._router, self._check = watch, router, check
        self._asked = False

    async def until(self, target: ReleaseView) -> None:
        """Ask the check, once per run, where a switch to the target is not complete: also one that an earlier run made.
        The first release of a service follows nobody, unless it shared the traffic. Raises SwitchNotFollowed.
        """
        if self._check is None or self._asked:
            return
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None or live.annotations.get(COMPLETED) == target.revision:
            return
        if live.left_at is None and SWITCHED not in live.annotations:
            return
        if await self._router.serves(live, target):
            await self.ask(target)

    async def ask(self, target: ReleaseView) -> None:
        """Ask the check, once per run, before pods stop that got requests beside the target. Raises
        SwitchNotFollowed.
        """
        if self._check is None or self._asked:
            return
        self._watch.say(f"{self._watch.service}: {target.color} {target.revision}: {self._check.says}")
        await self._check.ask(self._watch.cluster, target)
        self._asked = True
