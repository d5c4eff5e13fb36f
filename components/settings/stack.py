"""The whole configuration of a stack: a namespace and its services."""

from typing import Annotated

from pydantic import Field

from components.settings import service_rules
from components.settings.base import Settings, Why
from components.settings.environments import EnvironmentsSettings
from components.settings.services import BlueGreenSettings, GroupSettings, RollingSettings
from components.settings.side_by_side import SideBySideSettings
from components.settings.values import Namespace, ServiceName

ServiceSettings = Annotated[BlueGreenSettings | RollingSettings | SideBySideSettings, Field(discriminator="strategy")]


class StackSettings(Settings):
    """What one stack deploys."""

    namespace: Annotated[Namespace, Why("the objects would land among others' where their names may clash")] = Field(
        description="Existing namespace that everything goes into."
    )
    services: Annotated[
        dict[ServiceName, ServiceSettings], Why("with no service in it, `up` would delete all that run")
    ] = Field(default_factory=dict, description="The services, by name.")
    groups: dict[ServiceName, GroupSettings] = Field(
        default_factory=dict, description="Blue/green services that cut over together, by the group's name."
    )
    environments: EnvironmentsSettings | None = Field(
        default=None, description="Whole environments side by side, one of which takes the traffic."
    )

    rules = service_rules.STACK_RULES

    def blue_green(self, name: str) -> BlueGreenSettings:
        """The settings of a blue/green service."""
        service = self.services[name]
        if not isinstance(service, BlueGreenSettings):
            raise TypeError(name)
        return service
