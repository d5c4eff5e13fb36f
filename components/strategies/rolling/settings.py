"""The settings of a rolling service."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings import adopt_rules, content_rules, fragment_rules
from components.settings.autoscale import SCALED_RULES, Autoscale, Scaling, scaling_of
from components.settings.base import Why
from components.settings.beside_rules import AUTOSCALER_RULES
from components.settings.fragment import AutoscalerFragment
from components.settings.pod import PodSettings
from components.settings.release import Release
from components.settings.release_job import ReleaseJob
from components.settings.surge_rules import ROLLING_SURGE
from components.settings.values import Count
from components.strategies.rolling.update_rules import UPDATE_RULES
from components.strategies.rolling.worker_rules import WORKER_RULES


class RollingSettings(PodSettings):
    """A service of one Deployment whose pods are replaced a few at a time."""

    strategy: Literal["rolling"] = Field(default="rolling", description="Kind of service.")
    replicas: Annotated[Count, Why("with one pod, each pod that dies is an outage")] = Field(
        default=2, description="Pods wanted; not together with `autoscale`. 0 keeps all but the pods."
    )
    update: Annotated[
        Literal["rolling", "recreate"], Why("with recreate nobody answers from the last old pod to the first new one")
    ] = Field(
        default="rolling",
        description="`recreate` stops all pods before it starts new ones: an outage at each change of them, for what "
        "may run only once, such as a pod on a `ReadWriteOnce` volume.",
    )
    autoscale: Autoscale | None = Field(default=None, description="Let the cluster choose the number of pods.")
    autoscaler: Annotated[AutoscalerFragment, Why("load is not always CPU")] = Field(
        default={},
        description="Fragment of a `HorizontalPodAutoscaler`: any metrics and "
        "behavior; over what `autoscale` makes, or by itself (docs/beside.md).",
    )
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
        *AUTOSCALER_RULES,
        *ROLLING_SURGE,
        *WORKER_RULES,
        *UPDATE_RULES,
        *content_rules.ROLLING_CONTENT,
        *fragment_rules.ROLLING_FRAGMENT,
        *adopt_rules.ROLLING_ADOPT_RULES,
    )

    @property
    def scaling(self) -> Scaling | None:
        """Between which numbers of pods an autoscaler chooses; None without one."""
        return scaling_of(self.autoscale, self.autoscaler)

    @property
    def fewest(self) -> int:
        """The fewest pods."""
        return self.scaling.min_replicas if self.scaling else self.replicas
