"""The whole configuration of a stack: a namespace and its services."""

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from components.settings.base import Settings, Why
from components.settings.values import Namespace, ServiceName
from components.stack.rules import STACK_RULES
from components.strategies.blue_green.group_settings import GroupSettings
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.environments.settings import EnvironmentsSettings
from components.strategies.registry import STRATEGIES

if TYPE_CHECKING:  # a type checker reads no registry
    from components.strategies.rolling.settings import RollingSettings
    from components.strategies.versions.settings import SideBySideSettings

    _Any = BlueGreenSettings | RollingSettings | SideBySideSettings
else:
    _Any = Union[tuple(one.settings for one in STRATEGIES)]  # noqa: UP007 - a union of what the registry has

ServiceSettings = Annotated[_Any, Field(discriminator="strategy")]


class StackSettings(Settings):
    """The settings of one stack: its namespace, its services, groups and environments."""

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

    rules = STACK_RULES

    def blue_green(self, name: str) -> BlueGreenSettings:
        """The settings of a blue/green service."""
        service = self.services[name]
        if not isinstance(service, BlueGreenSettings):
            raise TypeError(name)
        return service
