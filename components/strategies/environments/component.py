"""Environments: whole sets of services side by side, each under a codename and a build, and a front per service.

Owns the services of every environment and the fronts. Does not own the Namespace or an Ingress. Everything of an
environment carries its name: `storefront-coco-1`, label and selectors included. Its services call each other within
it. The front of a service, a Service named `storefront`, sends to the active environment.
One `up` brings up the active environment, passes the gates of all its services, and only then moves the first
front. Environments that do not serve are made or changed after that. Those that left the config are deleted last, when
no connection through a front leads to them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack, overload

import pulumi

from components.hooks.component import Component
from components.hooks.engine import Once, all_of, leave_on_error, unless_out_of_reach
from components.releases.backend import Backend
from components.releases.instance import InstanceContext
from components.rules import names
from components.strategies.arguments import Place, read_arguments
from components.strategies.blue_green.component import BlueGreenService
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.blue_green.stages import Membership, Stages
from components.strategies.environments.fields import EnvironmentsFields
from components.strategies.environments.settings import EnvironmentsSettings
from components.strategies.front import Front, FrontRules
from components.strategies.rolling.component import RollingApp
from components.strategies.rolling.settings import RollingSettings
from contract.labels import ENVIRONMENT

Service = RollingApp | Stages


class Environments(Component):
    """Environments of several services, switched by one key."""

    active: pulumi.Output[str]
    """The environment that takes the traffic, known once the endpoints of all fronts are verified."""
    addresses: pulumi.Output[dict[str, str]]
    """URL of each front inside the cluster."""
    services: pulumi.Output[dict[str, dict[str, str]]]
    """Per environment the URL of each of its services inside the cluster, whichever environment is active."""

    @overload
    def __init__(self, name: str, settings: EnvironmentsSettings, **place: Unpack[Place]) -> None: ...

    @overload
    def __init__(self, name: str, **fields: Unpack[EnvironmentsFields]) -> None: ...

    def __init__(self, name: str, settings: EnvironmentsSettings | None = None, **given: Any) -> None:
        """The component, made.

        Args:
            name: Name of the service, of its objects in the cluster and of its resources.
            settings: All settings as one object; or give them as keyword arguments, field by field.
            given: Keyword arguments: `namespace`, `cluster`, `opts`, and the fields of the settings.

        Raises:
            ConfigError: The settings are wrong. Every problem is named, and nothing is made.
        """
        asked = read_arguments(EnvironmentsSettings, name, settings, **given)
        self._settings, self._namespace, self._opts = asked.settings, asked.namespace, asked.opts
        self._cluster = asked.gated_cluster()
        super().__init__("Environments", name, asked.namespace, asked.opts)
        self._all_pass = Once(self._check_all)
        self._blue_green: list[BlueGreenService] = []
        target = self._settings.active
        serving = {one: self._service(target, one, after=()) for one in self._settings.builds[target].services}
        self._fronts = {one: self._front(one, serving[one].backend(target)) for one in self._settings.in_front}
        switched = self._switch(serving)
        others = [self._beside(environment, switched) for environment in self._settings.builds if environment != target]
        every = [*switched, *(resource for made in others for resource in made)]

        done: pulumi.Output[Any] = pulumi.Output.all(*(resource.urn for resource in every)).apply(self._finish)
        for service in self._blue_green:
            service.publish_after(done)
        self.active = done.apply(lambda _: target)
        self.addresses = pulumi.Output.from_input({one: front.address for one, front in self._fronts.items()})
        self.services = pulumi.Output.from_input(
            {
                environment: {one: self._address(environment, one) for one in build.services}
                for environment, build in self._settings.builds.items()
            }
        )
        self.publish({"active": self.active, "addresses": self.addresses, "services": self.services})

    @property
    def _stages(self) -> list[Stages]:
        return [service.stages for service in self._blue_green]

    def _switch(self, serving: Mapping[str, Service]) -> list[pulumi.Resource]:
        """Bring up the active environment, pass all gates, move all fronts; then the idle colors of its services."""
        ready = [
            resource
            for made in serving.values()
            for resource in (made.bring_up() if isinstance(made, Stages) else made.resources)
        ]
        lives = [one for made in self._stages for one in self._live(made, made.switch(ready, self._all_pass))]
        fronts = [front.switch([*ready, *lives], self._all_pass) for front in self._fronts.values()]
        switched = [*ready, *lives, *fronts]
        standby = [
            resource
            for name, made in serving.items()
            if isinstance(made, Stages)
            for resource in self._stand_by(made, self._fronts.get(name), switched)
        ]
        return [*switched, *standby]

    @staticmethod
    def _live(made: Stages, live: pulumi.Resource) -> list[pulumi.Resource]:
        return [live, *made.scale(live)]

    @staticmethod
    def _stand_by(made: Stages, front: Front | None, after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        async def front_has_left() -> None:
            if front and made.idle:
                await front.cutover.before_shrink(made.idle.view)

        return made.stand_by(after, front_has_left)

    def _beside(self, environment: str, after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """An environment that does not serve: it may have been left just now, so it changes after the switch."""
        resources: list[pulumi.Resource] = []
        for name in self._settings.builds[environment].services:
            made = self._service(environment, name, after)
            front = self._fronts.get(name)
            if front:
                front.cutover.know(made.backend(environment))
            if isinstance(made, Stages):
                live = self._live(made, made.switch(made.bring_up()))
                resources += [*live, *self._stand_by(made, front, live)]
            else:
                resources += made.resources
        return resources

    def _service(self, environment: str, name: str, after: Sequence[pulumi.Resource]) -> Service:
        services = self._settings.builds[environment].services
        settings, own = services[name], names.environment_name(name, environment)
        instance = InstanceContext(
            application=name,
            labels={ENVIRONMENT: environment},
            after=after,
            variables={
                names.peer_variable(peer): self._address(environment, peer) for peer in services if peer != name
            },
        )
        place: Place = {"namespace": self._namespace, "cluster": self._cluster, "opts": self._opts}
        if isinstance(settings, BlueGreenSettings):
            made = BlueGreenService(own, settings, membership=Membership(instance=instance), **place)
            self._blue_green.append(made)
            return made.stages
        assert isinstance(settings, RollingSettings)  # noqa: S101 - there are no other kinds
        return RollingApp(own, settings, instance=instance, **place)

    def _front(self, name: str, target: Backend) -> Front:
        settings = self._settings
        rules = FrontRules(settings.gate_timeout_seconds, settings.smoke.get(name), settings.recycle, see_off=True)
        pods = settings.builds[settings.active].services[name]
        return Front(name, target, pods, rules, namespace=self._namespace, cluster=self._cluster, parent=self)

    def _address(self, environment: str, name: str) -> str:
        port = self._settings.builds[environment].services[name].service_port
        return f"http://{names.environment_name(name, environment)}.{self._namespace}.svc:{port}"

    async def _check_all(self) -> None:
        """The gates of all that is to serve."""
        serving = [made for made in self._stages if self._is_active(made)]
        checks = [*(front.check() for front in self._fronts.values()), *(made.gate.check() for made in serving)]
        await all_of(*checks)

    def _is_active(self, made: Stages) -> bool:
        return made.target.selector.get(ENVIRONMENT) == self._settings.active

    async def _finish(self, _: list[str]) -> None:
        fronts = [front.look_over() for front in self._fronts.values()]
        looks = [*(made.gate.look_over() for made in self._stages), *fronts]
        await leave_on_error(unless_out_of_reach(all_of(*looks)))
        if not pulumi.runtime.is_dry_run():
            await leave_on_error(self._carry_through())

    async def _carry_through(self) -> None:
        for made in self._stages:
            await made.gate.restore()
        for front in self._fronts.values():
            await front.restore()
        for front in self._fronts.values():
            await front.finish()
        for made in self._stages:
            await made.gate.finish()
