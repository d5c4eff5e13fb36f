"""The status of services in the cluster, as plain records. Reading and judging is done elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from contract.checks import Gate
from contract.refusal import Refusal
from cutover.observe.roles import RoleStatus
from cutover.observe.scale_down import ScaleDown
from cutover.observe.shares import PodShares, RouteStatus
from cutover.observe.state import State, state_of
from cutover.strategies.registry import switches
from cutover.strategies.releases import forbids, read_release

Role = Literal["live", "preview", "standby", "absent"]
"""`preview` has a release that never took the traffic, `standby` one that did; `absent` has no workload at all."""

JobState = Literal["waiting", "running", "done", "failed"]

TERMINATING = "Terminating"
"""The `reason` of a pod on its way out."""


@dataclass(frozen=True)
class PodStatus:
    """One pod. `reason` is why it is not ready, in the cluster's own words; empty where it is. `attached` matters only
    with `cutover: labels`. `image_id` is what its runtime says it runs; `role` whose metadata by role it has.
    """

    name: str
    ready: bool
    reason: str
    restarts: int
    age_seconds: float
    revision: str = ""
    attached: bool = False
    image: str = ""
    image_id: str = ""
    version: str = ""
    unready_seconds: float = 0.0
    created: datetime | None = None
    role: str = ""

    @property
    def terminating(self) -> bool:
        """Whether it is on its way out."""
        return self.reason == TERMINATING

    def to_json(self) -> dict[str, Any]:
        """The pod as plain data."""
        return {
            "name": self.name,
            "ready": self.ready,
            "reason": self.reason,
            "restarts": self.restarts,
            "ageSeconds": round(self.age_seconds),
            "revision": self.revision,
            "imageId": self.image_id,
        }


@dataclass(frozen=True)
class JobStatus:
    """One Job of a color's release. `setting` is its key in the config; `done` counts also where it was not needed, as
    the release served before there was such a Job: then `name` is empty or it never ran.
    """

    setting: str
    name: str
    state: JobState
    reason: str = ""
    ended: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The Job as plain data."""
        ended = self.ended.isoformat() if self.ended else None
        return {"job": self.setting, "name": self.name, "state": self.state, "reason": self.reason, "ended": ended}


@dataclass(frozen=True)
class ColorStatus:
    """One color. `release` is its version and build as the config has them where that is what runs, else as far as the
    cluster tells; `wanted` and `ready` count the pods of `revision`, `pods` are all of the color's.

    `image_ids` is what the pods run or, where there is none, what they ran; `noted_ids` what they ran when
    they were brought up. `origin` is where the release came from, and `update` the number of the update that brought it
    or last changed its workload, where the history was asked for it and has it. `stuck` is why waiting does not help.
    `serving` names the releases of ready pods of a rolling app while they are others than the one that comes. So many
    pods of a StatefulSet as `staying` says stay on the release before (`partition`).
    """

    color: str
    release: str
    revision: str
    role: Role
    wanted: int
    ready: int
    pods: tuple[PodStatus, ...] = ()
    image: str = ""
    image_ids: tuple[str, ...] = ()
    noted_ids: tuple[str, ...] = field(default=(), repr=False)
    origin: Mapping[str, str] = field(default_factory=dict)
    jobs: tuple[JobStatus, ...] = ()
    created: datetime | None = None
    update: int | None = None
    stuck: str = ""
    serving: tuple[str, ...] = ()
    staying: int = 0

    @property
    def all_ready(self) -> bool:
        """Whether it has the pods it wants, all ready, and no other but those that stay."""
        return self.ready >= self.wanted - self.staying and all(pod.ready for pod in self.pods)

    def to_json(self) -> dict[str, Any]:
        """The color as plain data."""
        return {
            "color": self.color,
            "release": self.release,
            "revision": self.revision,
            "image": self.image,
            "imageIds": list(self.image_ids),
            "origin": dict(self.origin),
            "update": self.update,
            "role": self.role,
            "wanted": self.wanted,
            "ready": self.ready,
            "stuck": self.stuck,
            "serving": list(self.serving),
            "staying": self.staying,
            "pods": [pod.to_json() for pod in self.pods],
            "jobs": [job.to_json() for job in self.jobs],
        }


@dataclass(frozen=True)
class KeptStatus:
    """A release that is kept beside both colors: it stands by with `ready` of `wanted` pods, or is `missing`."""

    release: str
    wanted: int
    ready: int
    missing: bool = False

    def to_json(self) -> dict[str, Any]:
        """The kept release as plain data."""
        return {"release": self.release, "wanted": self.wanted, "ready": self.ready, "missing": self.missing}


@dataclass(frozen=True)
class Difference:
    """Something that the cluster has otherwise than the config: both values, and the command that settles it."""

    what: str
    desired: str
    actual: str
    settle: str

    def __str__(self) -> str:
        return f"{self.what}: config {self.desired}, cluster {self.actual}; {self.settle}"

    def to_json(self) -> dict[str, Any]:
        """The difference as plain data."""
        return {"what": self.what, "desired": self.desired, "actual": self.actual, "settle": self.settle}


@dataclass(frozen=True)
class ServiceStatus:
    """One service. `active_color` is what the config wants, `live_color` what the live Service selects; None for a
    rolling app and where there is no live Service.

    `completed` tells whether the last cutover (the last rollout) was carried through to its end. `by_label`: the live
    Service selects what is attached to it (`cutover: labels`). `since` is when the live Service was switched, `refusal`
    the last release that was refused or left, while it is still there; `lost` is said where the live Service is gone.
    `scale_down` is there while a color that was left keeps its size, or is to lose it with the next run. `served` are
    the ids of the releases that the live Service notes to have served.
    `route` is there for a service that has one, once it is deployed; `canary` where pods of the color that does not
    serve are attached beside it, or are to be. `roles` tell of the metadata by role, where the config has some,
    `kept` of the releases that stand by beside both colors.
    """

    name: str
    strategy: str
    active_color: str | None
    live_color: str | None
    live_revision: str | None
    completed: bool
    colors: Mapping[str, ColorStatus]
    differences: tuple[Difference, ...] = ()
    gates: tuple[Gate, ...] = field(default=())
    group: str | None = None
    by_label: bool = False
    no_rollback_past: str | None = None
    since: datetime | None = None
    refusal: Refusal | None = None
    lost: str = ""
    route: RouteStatus | None = None
    canary: PodShares | None = None
    scale_down: ScaleDown | None = None
    roles: tuple[RoleStatus, ...] = ()
    kept: tuple[KeptStatus, ...] = ()
    served: frozenset[str] = frozenset()

    @property
    def switches(self) -> bool:
        """Whether its traffic is switched between colors."""
        return switches(self.strategy)

    def forbidden(self, release: str) -> str | None:
        """The release that forbids to go back to this one (`1.4.0 build 12`), for people; None where none does. Where
        the note in the cluster names no release, that note in quotes.
        """
        if self.no_rollback_past is None:
            return None
        limit, target = read_release(self.no_rollback_past), read_release(release)
        if limit and target:
            return forbids([limit], target)
        # Which of the two is the newer one is not known, so it may be this one.
        return self.no_rollback_past if limit else repr(self.no_rollback_past)

    @property
    def drift(self) -> tuple[str, ...]:
        """The differences between config and cluster, a line each."""
        return tuple(str(difference) for difference in self.differences)

    @property
    def live(self) -> ColorStatus | None:
        """The color or release that takes the traffic."""
        return next((color for color in self.colors.values() if color.role == "live"), None)

    @property
    def preview(self) -> ColorStatus | None:
        """A release that waits to be promoted."""
        return next((color for color in self.colors.values() if color.role == "preview" and color.wanted), None)

    @property
    def healthy(self) -> bool:
        """Whether the cluster has what the config says, with every wanted pod ready."""
        return not self.differences and self.completed and all(color.all_ready for color in self.colors.values())

    @property
    def state(self) -> State:
        """One word: `healthy`, `progressing`, `paused` or `degraded`."""
        return state_of(self)[0]

    @property
    def reason(self) -> str:
        """Why the state is not `healthy`."""
        return state_of(self)[1]

    @property
    def left(self) -> ColorStatus | None:
        """The standby that is newer than what serves, or what was noted as left (a canary that was sent back is no
        standby): promoting it again has to be said.
        """
        if self.refusal and self.refusal.kind == "reverted" and self.preview:
            return self.preview if self.refusal.revision == self.preview.revision else None
        idle = next((color for color in self.colors.values() if color.role == "standby"), None)
        noted = idle and self.refusal and self.refusal.revision == idle.revision
        newer = idle and self.live and idle.created and self.live.created and idle.created > self.live.created
        return idle if noted or newer else None

    def to_json(self) -> dict[str, Any]:
        """The service as plain data."""
        return {
            "name": self.name,
            "strategy": self.strategy,
            "group": self.group,
            "state": self.state,
            "reason": self.reason,
            "refusal": self.refusal.to_json() if self.refusal else None,
            "activeColor": self.active_color,
            "liveColor": self.live_color,
            "liveRevision": self.live_revision,
            "completed": self.completed,
            "healthy": self.healthy,
            "colors": {name: color.to_json() for name, color in self.colors.items()},
            "drift": [difference.to_json() for difference in self.differences],
            "gates": [gate.says for gate in self.gates],
            "noRollbackPast": self.no_rollback_past,
            "route": self.route.to_json() if self.route else None,
            "canary": self.canary.to_json() if self.canary else None,
            "scaleDown": self.scale_down.to_json() if self.scale_down else None,
            "roles": [one.to_json() for one in self.roles],
            "kept": [one.to_json() for one in self.kept],
        }
