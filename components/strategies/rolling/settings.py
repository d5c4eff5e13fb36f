"""The settings of a rolling service."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings import adopt_rules, content_rules, fragment_rules
from components.settings.autoscale import SCALED_RULES, Autoscale
from components.settings.base import Why
from components.settings.pod import PodSettings
from components.settings.release import Release
from components.settings.release_job import ReleaseJob
from components.settings.surge_rules import ROLLING_SURGE
from components.settings.values import Positive
from components.strategies.rolling.worker_rules import WORKER_RULES


class RollingSettings(PodSettings):
    """A service of one Deployment whose pods are replaced a few at a time."""

    strategy: Literal["rolling"] = Field(default="rolling", description="Kind of service.")
    replicas: Annotated[Positive, Why("with one pod, each pod that dies is an outage")] = Field(
        default=2, description="Pods wanted; not together with `autoscale`."
    )
    autoscale: Autoscale | None = Field(default=None, description="Let the cluster choose the number of pods.")
    release: Annotated[Release, Why("without it there is nothing to run")] = Field(description="What runs.")

    before_cutover: Annotated[ReleaseJob | None, Why("a release that finds the old schema fails under traffic")] = (
        Field(default=None, description="Job that must succeed before the first pod of a new release is started.")
    )
    after_cutover: Annotated[ReleaseJob | None, Why("what the old release still reads must not be taken away yet")] = (
        Field(default=None, description="Job that runs once the last pod of the old release is gone.")
    )

    rules = (
        *PodSettings.rules,
        *SCALED_RULES,
        *ROLLING_SURGE,
        *WORKER_RULES,
        *content_rules.ROLLING_CONTENT,
        *fragment_rules.ROLLING_FRAGMENT,
        *adopt_rules.ROLLING_ADOPT_RULES,
    )

    @property
    def fewest(self) -> int:
        """The fewest pods."""
        return self.autoscale.min_replicas if self.autoscale else self.replicas
