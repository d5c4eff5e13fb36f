"""The settings of a group of blue/green services."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings.base import Settings, Why
from components.settings.values import Members
from contract.releases import Color


class GroupSettings(Settings):
    """Blue/green services that cut over together: all gates, then all switches."""

    active: Annotated[Color, Why("it decides which release of every member takes the traffic")] = Field(
        description="The color that takes the traffic, of every member. To cut over or roll back, change this key."
    )
    services: Annotated[
        Members, Field(min_length=1), Why("a member that is called must be switched before its caller")
    ] = Field(description="Names of the members, in the order of their switches; their `active` is the group's.")
    switch: Literal["in-order", "at-once"] = Field(
        default="in-order", description="Whether each switch waits for the one before."
    )
