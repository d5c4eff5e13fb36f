"""The settings of environments side by side, each under a codename and a build; one of them takes the traffic."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from components.rules.names import is_environment
from components.settings.base import Settings, Why, refusal
from components.settings.smoke import SmokeCheck
from components.settings.values import Members, Positive, ServiceName
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.environments.rules import ENVIRONMENTS_RULES
from components.strategies.rolling.settings import RollingSettings
from contract.text import quoted

MAX_ENVIRONMENT = 20
_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^[a-z]+-[0-9]+$", "maxLength": MAX_ENVIRONMENT})


def _environment(text: str) -> str:
    if len(text) > MAX_ENVIRONMENT or not is_environment(text):
        raise refusal(
            f"{quoted(text)} ({len(text)} characters) is not the name of an environment",
            "it ends the name of every object of the environment, and must be readable there as what it is",
            f"write a codename of lower-case letters, a dash and the number of the build, as in coco-1, at most "
            f"{MAX_ENVIRONMENT} characters",
        )
    return text


EnvironmentName = Annotated[str, AfterValidator(_environment), _SCHEMA]
EnvironmentService = Annotated[BlueGreenSettings | RollingSettings, Field(discriminator="strategy")]


class BuildSettings(Settings):
    """One environment: the services that were built and tested together."""

    services: Annotated[
        dict[ServiceName, EnvironmentService],
        Field(min_length=1),
        Why("an environment with nothing in it has nothing to switch to"),
    ] = Field(
        description="Its services, by the names of their fronts: `storefront` is `storefront-coco-1` in `coco-1`."
    )


class EnvironmentsSettings(Settings):
    """Environments side by side; one key switches every front to the services of one of them."""

    active: Annotated[EnvironmentName, Why("it decides which environment takes the traffic of all fronts")] = Field(
        description="The environment that the fronts send to. To switch, or to go back, change this key."
    )
    builds: Annotated[
        dict[EnvironmentName, BuildSettings],
        Field(min_length=1),
        Why("one that is removed here is deleted, after everything else went well"),
    ] = Field(description="The environments, by codename and build.")
    fronts: Annotated[
        Members | None, Why("a switch to an environment that lacks one would take its address away from its clients")
    ] = Field(
        default=None,
        description="The fronts that clients rely on; every environment must have these services, and only they get a "
        "front. Unless given: those of the active environment.",
    )
    smoke: dict[ServiceName, SmokeCheck] = Field(
        default={}, description="HTTP checks of services of an environment before the fronts move to it, by service."
    )
    recycle: Annotated[bool, Why("open keep-alive connections would stay on the old environment for ever")] = Field(
        default=True, description="After a switch, replace the pods of the environment that the fronts left, in turn."
    )
    gate_timeout_seconds: Annotated[Positive, Why("a gate that never opens would hold the deployment for ever")] = (
        Field(default=120, description="Time for each gate before and after the switch.")
    )

    rules = ENVIRONMENTS_RULES

    @property
    def in_front(self) -> tuple[str, ...]:
        """The services that have a front."""
        return tuple(self.builds[self.active].services) if self.fronts is None else self.fronts
