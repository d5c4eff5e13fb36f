"""The settings of a group of blue/green services."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings.base import Settings, Why
from components.settings.route import Canary
from components.settings.values import HeaderName, Members
from contract.releases import Color

GroupCanary = Annotated[
    Canary | None,
    Why("a bad release meets a few users, not all"),
    Field(
        description="Send a share to the idle color of every member that has a route, all together; the others are "
        "called by it (docs/groups.md#a-canary-of-a-group)."
    ),
]
ColorHeader = Annotated[
    HeaderName | None,
    Why("one call of a user would meet both releases"),
    Field(
        description="Header that the members' own routes give each request while the group has a canary: the color "
        "that it goes to. A request that has it already, as the application passed it on, goes to that color."
    ),
]


class GroupSettings(Settings):
    """Blue/green services that cut over together: all gates, then all switches."""

    active: Annotated[Color, Why("it decides which release of every member takes the traffic")] = Field(
        description="The color that takes the traffic, of every member. To cut over or roll back, change this key."
    )
    services: Annotated[
        Members, Field(min_length=1), Why("a member that is called must be switched before its caller")
    ] = Field(description="Names of the members, in the order of their switches; their `active` is the group's.")
    canary: GroupCanary = None
    color_header: ColorHeader = None
    switch: Literal["in-order", "at-once"] = Field(
        default="in-order", description="Whether each switch waits for the one before."
    )
