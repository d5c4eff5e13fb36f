"""The settings of a blue/green service."""

from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr

from components.settings import adopt_rules, content_rules, fragment_rules
from components.settings.autoscale import Autoscale, Scaling, scaling_of
from components.settings.base import Why
from components.settings.beside_rules import AUTOSCALER_RULES
from components.settings.canary_match import CanaryMatch
from components.settings.fragment import AutoscalerFragment
from components.settings.pod import PORT, PodSettings, ServedPort
from components.settings.release import Release
from components.settings.release_checks import ReleaseChecks
from components.settings.route import Canary, Route
from components.settings.values import Count, Duration, Positive
from components.strategies.blue_green.label_rules import LABEL_RULES
from components.strategies.blue_green.pod_canary_rules import POD_CANARY_RULES
from components.strategies.blue_green.route_rules import ROUTE_RULES
from components.strategies.blue_green.rules import BLUE_GREEN_RULES
from components.strategies.blue_green.scale_down_rules import SCALE_DOWN_RULES
from components.strategies.blue_green.worker_rules import BLUE_GREEN_WORKER_RULES
from contract.durations import seconds_in
from contract.pod_shares import carrying, pods_for
from contract.releases import Color, other

WorkloadKind = Literal["deployment", "replica-set"]
Moved = Literal["selector", "labels"]


class _TwoColors(PodSettings):
    """The colors of a service: their releases, their pods, the move from one to the other."""

    strategy: Literal["blue-green"] = Field(default="blue-green", description="Kind of service.")
    port: ServedPort | None = Field(
        description=f"{PORT} `null` for a worker, which nobody calls: only its active color has pods "
        "(docs/pods.md#workers)."
    )
    active: Annotated[Color, Why("it decides which release takes the traffic")] = Field(
        description="The color that takes the traffic. To cut over or roll back, change this key. "
        "Left out by a member of a group, which has the group's."
    )
    workload: WorkloadKind = Field(
        default="deployment", description="What runs the pods: a Deployment, or an immutable ReplicaSet, per release."
    )
    cutover: Annotated[Moved, Why("only labels let both colors serve for a while, and keep the old pods")] = Field(
        default="selector",
        description="What moves at a cutover: the selector of the live Service, or a label on the pods that it finds "
        "(`workload: replica-set` only).",
    )
    overlap_seconds: Annotated[Count, Why("clients get answers of both releases, mixed")] = Field(
        default=0, description="With `cutover: labels`: how long both colors serve at each cutover."
    )
    replicas: Annotated[Positive, Why("with one pod, each pod that dies is an outage")] = Field(
        default=2, description="Pods of the active color; not together with `autoscale`."
    )
    autoscale: Autoscale | None = Field(
        default=None,
        description="Let the cluster choose the number of pods of the active color; "
        "at a cutover the other color starts with as many as serve.",
    )
    autoscaler: Annotated[AutoscalerFragment, Why("load is not always CPU")] = Field(
        default={},
        description="Fragment of a `HorizontalPodAutoscaler` of the active color: any metrics and "
        "behavior; over what `autoscale` makes, or by itself; or a ScaledObject (docs/beside.md).",
    )
    standby_replicas: Annotated[Count | None, Why("a rollback to a cold color waits for its pods to start")] = Field(
        default=None,
        description="Pods of the idle color; as many as `replicas`, or `autoscale.min_replicas`, unless given; none of "
        "a worker.",
    )
    scale_down_after: Annotated[
        Duration | None, Why("a rollback in the first minutes finds every pod that it needs")
    ] = Field(
        default=None,
        description="How long the color that a cutover left keeps its size before it has `standby_replicas`: `30m`, "
        "`1h30m`. The next `up` after that, or `cutover tidy`, scales it down "
        "(docs/cli.md#scaling-the-old-color-down).",
    )
    abort_on_deadline: Annotated[bool, Why("pods that never get ready use up what others need, for days")] = Field(
        default=False,
        description="Scale a release that missed `progress_deadline_seconds` and has no traffic to 0 pods; unless set "
        "its pods stay, to be looked at.",
    )
    route: Route | None = Field(default=None, description="The route by which users reach the service.")
    canary: Annotated[Canary | None, Why("a bad release meets a few users, not all")] = Field(
        default=None,
        description="Send a share to the idle color: of the route's requests; without a route, of new connections, by "
        "a number of its pods (docs/canary.md#without-a-gateway).",
    )
    blue: Release | None = Field(default=None, description="The release of the blue color.")
    green: Release | None = Field(default=None, description="The release of the green color.")
    allow_in_place_updates: Annotated[bool, Why("an edit of the live release skips every gate")] = Field(
        default=False, description="Accept an edit of the active color's release."
    )
    recycle: Annotated[bool, Why("open keep-alive connections would stay on the old release for ever")] = Field(
        default=True,
        description="After a cutover and the drain, restart the old color's pods. "
        "With `cutover: labels` only where it is set: the old pods stay as they are.",
    )
    expose_both: Annotated[bool, Why("its clients get answers of both releases, mixed")] = Field(
        default=False, description="Add a Service over both colors, `<service>-all`."
    )
    gate_timeout_seconds: Annotated[Positive, Why("a gate that never opens would hold the deployment for ever")] = (
        Field(default=120, description="Time for each gate before and after the switch.")
    )


class BlueGreenSettings(ReleaseChecks, _TwoColors):
    """A service with two colors side by side; one edit of `active` moves its traffic."""

    rules = (
        *PodSettings.rules,
        *BLUE_GREEN_RULES,
        *AUTOSCALER_RULES,
        *LABEL_RULES,
        *ROUTE_RULES,
        *BLUE_GREEN_WORKER_RULES,
        *POD_CANARY_RULES,
        *SCALE_DOWN_RULES,
        *content_rules.BLUE_GREEN_CONTENT,
        *fragment_rules.BLUE_GREEN_FRAGMENT,
        *adopt_rules.BLUE_GREEN_ADOPT_RULES,
    )
    _in_group: bool = PrivateAttr(default=False)

    @property
    def scaling(self) -> Scaling | None:
        """Between which numbers of pods an autoscaler chooses; None without one."""
        return scaling_of(self.autoscale, self.autoscaler)

    @property
    def standby(self) -> int:
        """Pods of the idle color. Those of a worker would work beside the active ones."""
        unless_given = 0 if self.port is None else self.fewest
        return unless_given if self.standby_replicas is None else self.standby_replicas

    @property
    def keeps_seconds(self) -> int:
        """How long a color that was left keeps its size."""
        return (seconds_in(self.scale_down_after) or 0) if self.scale_down_after else 0

    @property
    def beside(self) -> int:
        """Pods of the idle color now: those of its share where replicas make it; all while it gets requests of a share
        or copies, or under an autoscaler as many as the share takes; labels make theirs of the standby.
        """
        if self.weight and self.by_replicas:
            return pods_for(self.weight, self.fewest)
        if not self.exposed_by_requests:
            return self.standby
        return max(self.standby, self.least_beside) if self.scaling else self.fewest

    @property
    def scaled_beside(self) -> bool:
        """Whether the idle color has an autoscaler of its own now: it gets requests of a share, or copies."""
        return self.scaling is not None and self.exposed_by_requests

    @property
    def least_beside(self) -> int:
        """The fewest pods of an autoscaled idle color with a share: they carry it beside the fewest active ones."""
        most = self.scaling.max_replicas if self.scaling else self.fewest
        return min(carrying(self.exposure, self.fewest), most)

    @property
    def by_replicas(self) -> bool:
        """Whether a share is a number of pods behind one selector: users come by no route, and no label moves. A member
        of a group has the share of its routes.
        """
        alone = self.route is None and not self._in_group
        return alone and self.cutover == "selector" and self.port is not None

    def in_group(self, canary: Canary | None) -> Self:
        """The settings of a member of a group, which has that canary."""
        made = self.model_copy(update={"canary": canary})
        made._in_group = True
        return made

    @property
    def recycles(self) -> bool:
        """Whether the old color's pods are restarted after a cutover; by default not where labels move."""
        return self.recycle and (self.cutover == "selector" or "recycle" in self.model_fields_set)

    @property
    def workload_plural(self) -> str:
        """The plural of the colors' workloads in the API server's paths."""
        return "deployments" if self.workload == "deployment" else "replicasets"

    @property
    def weight(self) -> int:
        """The percentage that the idle color gets: of the route's requests, or of new connections."""
        return self.canary.weight if self.canary else 0

    @property
    def mirror(self) -> int:
        """The percentage of the requests that the idle color gets a copy of."""
        return self.canary.mirror if self.canary else 0

    @property
    def exposed(self) -> bool:
        """Whether requests of users reach the idle color: a share of them, or copies."""
        return self.exposure > 0

    @property
    def exposed_by_requests(self) -> bool:
        """Whether that is by requests, of a route or of the members of a group that have one; not by pods."""
        return self.exposed and self.cutover == "selector" and self.port is not None and not self.by_replicas

    @property
    def exposure(self) -> int:
        """The percentage of the requests that reach the idle color: its share, or copies."""
        return self.weight or self.mirror

    @property
    def matches(self) -> tuple[CanaryMatch, ...]:
        """The conditions by which requests always go to the idle color."""
        return self.canary.match if self.canary else ()

    @property
    def fewest(self) -> int:
        """The fewest pods of the active color."""
        return self.scaling.min_replicas if self.scaling else self.replicas

    @property
    def idle(self) -> Color:
        """The color that does not take the traffic."""
        return other(self.active)

    def release(self, color: Color) -> Release | None:
        """The release of a color, if it has one; the active color always has."""
        return self.blue if color == "blue" else self.green
