"""One service of a stack's file, with all that the driver's rooms ask of its strategy.

A strategy is one class below `ServiceView`, and one line in `registry.py`. Who asks what of it:

| room | asks |
|---|---|
| stackfile | `of`: the service out of its settings |
| observe | `slots`, `color_of`, `selector_keys`, `revision`, `completed`, `noted`, `serving`, `gates`, `pods_wanted` |
| plan | `follows`, `job_moments`, `served`, `beside_served`, `called` |
| release | `new_slot`, `serves`, `check_release`, `announced`, `ended` |
| promote, abort, truth of a run | `switches`, `check_switch`, `promotion_problems` |
| rollback | `place`, `half_rolled` |

A slot is where the file holds one release: a color, or `release`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from contract.checks import Gate
from contract.releases import other
from cutover.strategies.fronts import ENVIRONMENTS, GROUPS, SERVICES, FrontMember
from cutover.strategies.releases import Release
from cutover.strategies.shares import Shares

if TYPE_CHECKING:  # records alone: what they say is read, nothing is asked here
    from cutover.observe.facts import LiveService, Workload
    from cutover.observe.records import PodStatus, ServiceStatus

RELEASE = "release"
"""The one slot of a service without colors."""

Place = tuple[str, dict[str, Any] | None]
"""A slot that shall take the traffic, and the release to write there; None where it is there already."""


@dataclass(frozen=True)
class ServiceView(Shares, ABC):
    """One service as the file has it. `colors` is empty without colors, and the one release is `release`.

    A release is its mapping: `version`, `build`, `image` and what else the file gives it. `settings` is all of it. The
    active color of a member of a group is its group's.
    """

    name: str
    strategy: str
    active: str | None
    colors: Mapping[str, Release]
    release: Release
    replicas: int
    standby_replicas: int
    port: int
    service_port: int
    settings: Mapping[str, Any] = field(repr=False)
    group: str | None = None
    member: FrontMember | None = None

    switches: ClassVar[bool]
    """Whether the traffic is switched from one color to the other, so that there is something to promote."""
    first_slot: ClassVar[str]
    """The slot of the first release of a new file."""
    in_words: ClassVar[str]
    """What a project of one such service is, for its description."""
    selected_besides: ClassVar[frozenset[str]] = frozenset()
    """Labels that the selector of an adopted Service may have besides its own, and that tell nothing."""

    # The file

    @classmethod
    @abstractmethod
    def of(cls, name: str, settings: Mapping[str, Any], group: str | None, member: FrontMember | None) -> Self:
        """The service out of its settings."""

    @property
    @abstractmethod
    def slots(self) -> Mapping[str, Release]:
        """Slot -> its release; {} where it has none."""

    @abstractmethod
    def color_of(self, slot: str | None) -> str | None:
        """The color that pods of a slot carry as a label; None where they carry none."""

    @abstractmethod
    def serving_slot(self, live: str | None) -> str:
        """The slot that takes the traffic while the live Service sends to the color `live`."""

    @property
    def served(self) -> Release:
        """The release that takes the traffic, by the file; {} where it has none."""
        return self.slots.get(self.serving_slot(self.active), {})

    @property
    def beside_served(self) -> Release | None:
        """The release beside it that is ready and gets no traffic; None where there is none."""
        return None

    @property
    @abstractmethod
    def new_slot(self) -> str:
        """The slot that a new release is written to."""

    def called(self, slot: str) -> str:
        """A slot for people: `shop green`, or `shop` where it has one only."""
        color = self.color_of(slot)
        return f"{self.name} {color}" if color else self.name

    def slot_path(self, slot: str) -> tuple[str, ...]:
        """The keys below `config` where the file has the release of a slot."""
        own = self.member.slots.get(slot) if self.member else None
        return own or (*self.home, slot)

    @property
    def home(self) -> tuple[str, ...]:
        """The keys below `config` where the file has its settings."""
        return self.member.home if self.member else (SERVICES, self.name)

    @property
    def active_path(self) -> tuple[str, ...]:
        """The keys below `config` where the file says which color is active."""
        return (GROUPS, self.group, "active") if self.group else (*self.home, "active")

    @property
    def canary_path(self) -> tuple[str, ...]:
        """The keys below `config` where the file has its canary: of a member of a group, the group's."""
        return (GROUPS, self.group, "canary") if self.group else (*self.home, "canary")

    @property
    def unit(self) -> str:
        """What moves as a whole: its group, or itself."""
        return self.group or self.name

    @property
    def environment(self) -> str | None:
        """The environment that it is of, where it is of one."""
        return self.home[2] if self.home[0] == ENVIRONMENTS else None

    @property
    def idle(self) -> str:
        """The color that is not active."""
        return other(self.active or "green")

    @property
    def rolls_out(self) -> bool:
        """Whether a release takes the traffic as it is rolled out, in place of the one before: nothing is promoted."""
        return not self.switches and self.member is None

    @property
    def stateful(self) -> bool:
        """Whether a StatefulSet runs its pods."""
        return self.settings.get("workload") == "stateful-set"

    @property
    def scaled_by_keda(self) -> bool:
        """Whether its autoscaler is a ScaledObject."""
        scaler = self.settings.get("autoscaler")
        return isinstance(scaler, dict) and scaler.get("kind") == "ScaledObject"

    @property
    def worker(self) -> bool:
        """Whether nobody calls it: it has no port, and so no Service."""
        return False

    # How it is judged

    @property
    @abstractmethod
    def selector_keys(self) -> frozenset[str]:
        """The labels that its live Service selects by, without that of an environment."""

    @abstractmethod
    def revision(self, live: "LiveService | None", workload: "Workload | None") -> str | None:
        """The revision that takes the traffic. `workload` is that of the serving slot, here and below."""

    @abstractmethod
    def completed(self, live: "LiveService | None", workload: "Workload | None") -> bool:
        """Whether the last cutover, or the last rollout, was carried to its end."""

    @abstractmethod
    def noted(self, live: "LiveService | None", workload: "Workload | None") -> "LiveService | Workload | None":
        """The object that carries the notes: Jobs that ran, the release past which nobody may go back."""

    def serving(self, workload: "Workload", pods: "Sequence[PodStatus]") -> tuple[str, ...]:
        """The releases of its ready pods while one takes the place of another; empty where pods are not replaced."""
        return ()

    @abstractmethod
    def pods_wanted(self, slot: str) -> int:
        """The number of pods that the file wants of a slot."""

    @property
    @abstractmethod
    def gates(self) -> tuple[Gate, ...]:
        """The checks that a release has to pass before and after it takes the traffic."""

    # How it is told

    @property
    def follows(self) -> str:
        """The way of the traffic while pods are replaced, for a plan; empty where it moves by a switch alone."""
        return ""

    @property
    @abstractmethod
    def job_moments(self) -> tuple[str, str]:
        """The moments that the Jobs around a release come before, and after."""

    @abstractmethod
    def announced(self, new: Release) -> str:
        """The effect of a new release in words: where it goes, and beside or in place of what."""

    @abstractmethod
    def ended(self, new: Release) -> tuple[str, str]:
        """The end of a release in words, and what the user does next (empty where there is nothing to do)."""

    # What may be done with it

    def serves(self, new: Release) -> bool:
        """Whether the file has this release live, so that to release it again would do nothing."""
        return False

    @abstractmethod
    def check_release(self, *, roll_out: bool) -> None:
        """Raises UsageError where a release would do more than the command line agrees to."""

    @abstractmethod
    def check_switch(self) -> None:
        """Raises UsageError where it has no second color to switch to."""

    @abstractmethod
    def promotion_problems(self) -> Iterator[tuple[str, str]]:
        """Why a release of it cannot be promoted by the command that brings it up, each with what mends that."""

    @abstractmethod
    def place(self, live: str | None, release: Release, *, away: bool = False) -> Place | None:
        """The slot to go back to for a release, and what is written there; None where it serves. `away`: the others of
        its group leave the live color, so it does too.
        """

    def half_rolled(self, seen: "ServiceStatus") -> bool:
        """Whether it runs other pods than the file says: a release that failed put back the file alone."""
        return False


def again(release: Release) -> dict[str, Any]:
    """A release that is brought up once more: where it was adopted, that Deployment is gone."""
    return {key: value for key, value in release.items() if key != "adopt"}


def text_of(value: object) -> str | None:
    """A setting that is text; None for anything else."""
    return value if isinstance(value, str) else None


def count_of(value: object, default: int) -> int:
    """A setting that is a whole number, else the default."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def shared_fields(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that services of all strategies have."""
    replicas = _fewest(settings)
    works_alone = settings.get("port", 0) is None  # the idle pods of a worker would work beside the active ones
    return {
        "replicas": replicas,
        "standby_replicas": count_of(settings.get("standby_replicas"), 0 if works_alone else replicas),
        "port": count_of(settings.get("port"), 0),
        "service_port": count_of(settings.get("service_port"), 80),
        "settings": settings,
    }


def _fewest(settings: Mapping[str, Any]) -> int:
    """The number of its pods, or the fewest of its autoscaler; the program's defaults where it says none."""
    scale, scaler = settings.get("autoscale"), settings.get("autoscaler")
    if isinstance(scale, dict):
        return count_of(scale.get("min_replicas"), 1)
    spec = scaler.get("spec") if isinstance(scaler, dict) else None
    if isinstance(spec, dict):
        return count_of(spec.get("minReplicas"), count_of(spec.get("minReplicaCount"), 1))
    return count_of(settings.get("replicas"), 2)


def release_in(settings: Mapping[str, Any], slot: str) -> Release:
    """The release of a slot, {} without one. Its version is as it is written: the program refuses `007` and `2024.10`,
    and names them so.
    """
    given = settings.get(slot)
    if not isinstance(given, dict):
        return {}
    written = getattr(given.get("version"), "written", None)
    return {**given, "version": written} if written else given
