"""The adoption of a rolling service: its Service stays, and its Deployment is replaced by one of ours, behind gates.

A Deployment's selector cannot be changed, so the existing one cannot become ours. It is imported and left as it is.
The first release of its own comes up beside it, under another name and with labels that the old selector does not find.
Then the Service moves, and the old Deployment goes at the end of that run.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pulumi

from components.cluster.cluster import Cluster
from components.cluster.watch import Watch
from components.hooks.engine import hook, leave_on_error, teller
from components.releases.adopted import refuse_selecting_ours
from components.releases.view import ReleaseView
from components.settings.fragment_rules import fragment_labels
from components.strategies import adopted
from components.strategies.cutover import Cutover
from components.strategies.rolling.settings import RollingSettings
from components.traffic import adoption
from components.traffic.selector import SelectorRouter
from contract.labels import MANAGED_BY

OWN: Mapping[str, str] = {MANAGED_BY: "pulumi"}
"""What the selectors of an adopted rolling service ask for besides the instance, which the old pods may carry too."""
Gate = Callable[[], Awaitable[None]]


class RollingAdoption:
    """An adopted rolling service: its Service, and its Deployment until the first release of its own."""

    def __init__(
        self, name: str, settings: RollingSettings, namespace: str, cluster: Cluster, app: pulumi.ComponentResource
    ) -> None:
        self._name, self._settings, self._namespace, self._cluster = name, settings, namespace, cluster
        watch = Watch(name, cluster, teller(app))
        self._cutover = Cutover(watch, SelectorRouter(watch))

    def deployment(self, ours: Mapping[str, str], opts: pulumi.ResourceOptions) -> pulumi.Resource:
        """The existing Deployment; `ours` are the labels of every pod of later releases. Raises ConfigError."""
        adopt = self._settings.release.adopt
        assert adopt is not None  # noqa: S101 - the caller asked
        labels = {**ours, **fragment_labels(self._settings.pod)}
        refuse_selecting_ours(f"{self._name}.release", adopt.selector, labels)
        return adopted.deployment(adopt.deployment, self._namespace, opts)

    def service(self, workload: str, selector: Mapping[str, str], opts: pulumi.ResourceOptions) -> pulumi.Resource:
        """The existing Service, which selects what `selector` says unless the release is adopted."""
        self._view = self._make_view(workload, selector)
        gates: list[Any] = [hook(f"{self._name}-gate", self._before)]
        verify: list[Any] = [hook(f"{self._name}-verify", lambda: self._cutover.after_switch(self._view))]
        hooks = pulumi.ResourceHookBinding(before_update=gates, after_update=verify)
        return adopted.live_service(
            self._name,
            self._namespace,
            self._cluster,
            self._view.selector,
            first=self._view.adopted,
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=hooks)),
        )

    async def finish(self) -> None:
        """Verify the switch, wait until the old pods get no new connections, note it. A failure ends the program."""
        if not pulumi.runtime.is_dry_run():
            await leave_on_error(self._finish())

    async def _finish(self) -> None:
        if self._view.adopted:
            await adoption.refuse_change(self._cluster, self._name, self._view)
        await self._cutover.finish(self._view, None, recycle=False)

    async def _before(self) -> None:
        seconds = self._settings.progress_deadline_seconds
        await self._cutover.check(self._view, timeout_seconds=seconds, checks=())
        await self._cutover.before_switch(self._view, timeout_seconds=seconds)

    def _make_view(self, workload: str, selector: Mapping[str, str]) -> ReleaseView:
        settings, release = self._settings, self._settings.release
        return ReleaseView(
            "release",
            release,
            release.id if release.adopt else workload,  # later releases roll in place: that is no switch
            release.adopt.selector if release.adopt else selector,
            1 if release.adopt else settings.fewest,
            settings.termination_grace_seconds,
            adopted=release.adopt is not None,
            settle_seconds=settings.drain_seconds,
            rewrites=settings.image_rewrites,
        )
