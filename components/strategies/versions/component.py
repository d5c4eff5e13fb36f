"""Several versions of one service at once, each at an address of its own, and optionally a front over them.

Owns one RollingApp per version and the front. Does not own the Namespace or an Ingress.
A version is the same resources as a RollingApp named `<service>-<key>`. With `active` there is a Service `<service>`
too, the front, which sends to that version. It moves behind the gates of a cutover: after its target version is ready,
and before any other version is changed. A version that left the config is deleted last.
"""

from collections.abc import Sequence
from typing import Any, Unpack, overload

import pulumi

from components.hooks.component import Component
from components.hooks.engine import leave_on_error, unless_out_of_reach
from components.releases.backend import Backend
from components.releases.instance import InstanceContext
from components.rules import names
from components.strategies.arguments import Place, read_arguments
from components.strategies.front import Front, FrontRules
from components.strategies.rolling.component import RollingApp
from components.strategies.versions.fields import SideBySideFields
from components.strategies.versions.settings import SideBySideSettings


class SideBySide(Component):
    """A service whose consumers are pinned to one version of it or another, by address."""

    active: pulumi.Output[str | None]
    """The version that the front sends to, known once its endpoints are verified; None without a front."""
    address: pulumi.Output[str | None]
    """URL of the front inside the cluster; None without one."""
    versions: pulumi.Output[dict[str, dict[str, str]]]
    """Per version its `address` inside the cluster and its `release` id."""

    @overload
    def __init__(self, name: str, settings: SideBySideSettings, **place: Unpack[Place]) -> None: ...

    @overload
    def __init__(self, name: str, **fields: Unpack[SideBySideFields]) -> None: ...

    def __init__(self, name: str, settings: SideBySideSettings | None = None, **given: Any) -> None:
        """The component, made.

        Args:
            name: Name of the service, of its objects in the cluster and of its resources.
            settings: All settings as one object; or give them as keyword arguments, field by field.
            given: Keyword arguments: `namespace`, `cluster`, `opts`, and the fields of the settings.

        Raises:
            ConfigError: The settings are wrong. Every problem is named, and nothing is made.
        """
        asked = read_arguments(SideBySideSettings, name, settings, **given)
        self._settings, self._name, self._namespace, opts = asked.settings, name, asked.namespace, asked.opts
        super().__init__("SideBySide", name, asked.namespace, opts)
        self._cluster = asked.gated_cluster()
        self._front: Front | None = None
        made: dict[str, RollingApp] = {}
        front: list[pulumi.Resource] = []
        active = self._settings.active
        for key in sorted(self._settings.versions, key=lambda one: one != active):  # the active one first
            made[key] = app = self._app(key, after=front, opts=opts)
            if key == active:
                self._front = self._make_front(app.backend(key))
                front = [self._front.switch(app.resources)]
            elif self._front:
                self._front.cutover.know(app.backend(key))

        async def finish(_: Any) -> str | None:
            if self._front:
                await leave_on_error(unless_out_of_reach(self._front.look_over()))
            if self._front and not pulumi.runtime.is_dry_run():
                await leave_on_error(self._finish(self._front))
            return active

        every = [*front, *(resource for app in made.values() for resource in app.resources)]
        self.active = pulumi.Output.all(*(resource.urn for resource in every)).apply(finish)
        self.address = pulumi.Output.from_input(self._front.address if self._front else None)
        self.versions = pulumi.Output.all(
            **{key: pulumi.Output.all(address=app.address, release=app.release) for key, app in made.items()}
        )
        self.publish({"active": self.active, "address": self.address, "versions": self.versions})

    def _app(self, key: str, after: Sequence[pulumi.Resource], opts: pulumi.ResourceOptions | None) -> RollingApp:
        return RollingApp(
            names.version_name(self._name, key),
            self._settings.version(key),
            namespace=self._namespace,
            cluster=self._cluster,
            opts=opts,
            instance=InstanceContext(application=self._name, after=after),
        )

    def _make_front(self, target: Backend) -> Front:
        settings = self._settings
        rules = FrontRules(settings.gate_timeout_seconds, settings.smoke, settings.recycle)
        return Front(self._name, target, settings, rules, namespace=self._namespace, cluster=self._cluster, parent=self)

    @staticmethod
    async def _finish(front: Front) -> None:
        await front.restore()
        await front.finish()
