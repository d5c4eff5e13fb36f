"""The settings of a rolling service."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings import adopt_rules, content_rules, fragment_rules
from components.settings.autoscale import SCALED_RULES, Autoscale, Scaling, scaling_of
from components.settings.base import Settings, Why
from components.settings.beside_rules import AUTOSCALER_RULES
from components.settings.fragment import AutoscalerFragment, ClaimFragment
from components.settings.pod import PodSettings
from components.settings.release import Release
from components.settings.release_job import ReleaseJob
from components.settings.smoke import SmokeCheck
from components.settings.surge_rules import ROLLING_SURGE
from components.settings.values import Count, ObjectName, VolumeName
from components.settings.worker_rules import WORKER_RULES
from components.strategies.rolling.preview_rules import PREVIEW_RULES
from components.strategies.rolling.set_rules import SET_RULES, STATEFUL_SET
from components.strategies.rolling.update_rules import UPDATE_RULES

Kept = Literal["retain", "delete"]


class ClaimRetention(Settings):
    """The fate of the claims of pods that are not there any more."""

    when_deleted: Annotated[Kept, Why("with delete, `destroy` ends the data with the service")] = Field(
        default="retain", description="The claims of all pods, when the set is deleted."
    )
    when_scaled: Annotated[Kept, Why("with delete, one number that is too small ends data")] = Field(
        default="retain", description="The claims of the pods that go, when `replicas` gets smaller."
    )


class RollingSettings(PodSettings):
    """A service of one Deployment, or one StatefulSet, whose pods are replaced a few at a time."""

    strategy: Literal["rolling"] = Field(default="rolling", description="Kind of service.")
    workload: Annotated[
        Literal["deployment", "stateful-set"],
        Why("pods with a name and a disk of their own: each stops before its successor starts"),
    ] = Field(
        default="deployment",
        description="What runs the pods: a Deployment, or a StatefulSet (docs/pods.md#statefulsets).",
    )
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
    volume_claims: Annotated[
        dict[VolumeName, ClaimFragment], Why("a claim that all pods share is lost or broken by the second of them")
    ] = Field(
        default={},
        description="StatefulSet: claims that each pod gets of its own, by the names of their volumes; each a fragment "
        "of a `PersistentVolumeClaim`. The containers of `pod` mount them.",
    )
    claim_retention: ClaimRetention = Field(
        default=ClaimRetention(), description="StatefulSet: what becomes of the claims of pods that go."
    )
    pod_management: Annotated[
        Literal["ordered", "parallel"], Why("members of a quorum that start at once may found two of them")
    ] = Field(
        default="ordered",
        description="StatefulSet: whether pods are started and stopped one after the other or all at once, when their "
        "number changes. A release replaces one at a time in any case.",
    )
    partition: Annotated[Count, Why("two releases of one application share its data for as long")] = Field(
        default=0, description="StatefulSet: pods with a lower number than this stay on the release before."
    )
    governing_service: Annotated[ObjectName | None, Why("without it no pod has an address of its own")] = Field(
        default=None,
        description="StatefulSet: the headless Service that gives each pod its address: the service's own, one of "
        "`services`, or one that others made. Unless given, `<service>-pods` is made.",
    )
    autoscale: Autoscale | None = Field(default=None, description="Let the cluster choose the number of pods.")
    autoscaler: Annotated[AutoscalerFragment, Why("load is not always CPU")] = Field(
        default={},
        description="Fragment of a `HorizontalPodAutoscaler`: any metrics and "
        "behavior; over what `autoscale` makes, or by itself; or a ScaledObject (docs/beside.md).",
    )
    smoke: Annotated[SmokeCheck | None, Why("a release that is ready and answers wrongly would be rolled out")] = Field(
        default=None,
        description="HTTP check of a preview pod: one more pod of a new release, without traffic, before the first of "
        "the others is replaced.",
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
        *SET_RULES,
        *PREVIEW_RULES,
        *content_rules.ROLLING_CONTENT,
        *fragment_rules.ROLLING_FRAGMENT,
        *adopt_rules.ROLLING_ADOPT_RULES,
    )

    @property
    def scaling(self) -> Scaling | None:
        """Between which numbers of pods an autoscaler chooses; None without one."""
        return scaling_of(self.autoscale, self.autoscaler)

    @property
    def stateful(self) -> bool:
        """Whether a StatefulSet runs the pods."""
        return self.workload == STATEFUL_SET

    @property
    def kind(self) -> str:
        """The plural of the workload in the API server's paths."""
        return "statefulsets" if self.stateful else "deployments"

    @property
    def most(self) -> int:
        """The most pods."""
        return self.scaling.max_replicas if self.scaling else self.replicas

    @property
    def fewest(self) -> int:
        """The fewest pods."""
        return self.scaling.min_replicas if self.scaling else self.replicas
