"""A rolling service as the driver knows it: one workload, whose pods are replaced a few at a time."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from contract.checks import Gate
from contract.checks import describe as words_of
from contract.labels import INSTANCE, MANAGED_BY
from contract.strategies import ROLLING
from cutover.errors import UsageError
from cutover.strategies.fronts import FrontMember
from cutover.strategies.releases import Release, build_of, describe, same
from cutover.strategies.service import RELEASE, Place, ServiceView, again, release_in, shared_fields

if TYPE_CHECKING:
    from cutover.observe.facts import LiveService, Workload
    from cutover.observe.records import PodStatus, ServiceStatus


class Rolling(ServiceView):
    """A service of one release. Its one slot is `release`; the notes about its releases are on its workload."""

    switches = False
    first_slot = RELEASE
    in_words = "A service replaced a few pods at a time"
    selected_besides = frozenset({MANAGED_BY})

    @classmethod
    def of(cls, name: str, settings: Mapping[str, Any], group: str | None, member: FrontMember | None) -> Self:
        """The service out of its settings."""
        return cls(
            name=name,
            strategy=str(settings.get("strategy")),
            active=None,
            colors={},
            release=release_in(settings, RELEASE),
            group=group,
            member=member,
            **shared_fields(settings),
        )

    @property
    def slots(self) -> Mapping[str, Release]:
        """The one release."""
        return {RELEASE: self.release}

    def color_of(self, slot: str | None) -> str | None:
        """None: its pods have no color."""
        return None

    def serving_slot(self, live: str | None) -> str:
        """The one slot."""
        return RELEASE

    @property
    def new_slot(self) -> str:
        """The one slot, in place of the release before."""
        return RELEASE

    @property
    def worker(self) -> bool:
        """Whether it has no port, and so no Service."""
        return self.strategy == ROLLING and self.settings.get("port") is None

    @property
    def selector_keys(self) -> frozenset[str]:
        """Its name alone: pods of both releases answer while one takes the place of the other."""
        return frozenset({INSTANCE})

    def revision(self, live: "LiveService | None", workload: "Workload | None") -> str | None:
        """The one of its workload, where it has a Service or needs none."""
        return workload.revision if workload and (live or self.worker) else None

    def completed(self, live: "LiveService | None", workload: "Workload | None") -> bool:
        """Whether no rollout runs."""
        return bool(workload and workload.rolled)

    def noted(self, live: "LiveService | None", workload: "Workload | None") -> "LiveService | Workload | None":
        """The workload."""
        return workload

    def serving(self, workload: "Workload", pods: "Sequence[PodStatus]") -> tuple[str, ...]:
        """The releases of the ready pods, most pods first, where they are not only the one that comes."""
        found = Counter(build_of(pod.revision, pod.version) for pod in pods if pod.ready and pod.revision)
        only_new = all(pod.revision == workload.revision for pod in pods if pod.ready)
        return () if only_new else tuple(release for release, _ in found.most_common())

    def pods_wanted(self, slot: str) -> int:
        """All."""
        return self.replicas

    @property
    def gates(self) -> tuple[Gate, ...]:
        """How the pods are replaced."""
        smoke, rollout = self.settings.get("smoke"), Gate("rollout", self._rollout())
        if not smoke:
            return (rollout,)
        return (Gate("smoke", f"{words_of('smoke', smoke)}, of a preview pod before the rollout"), rollout)

    def _rollout(self) -> str:
        settings = self.settings
        if settings.get("update") == "recreate":
            return "rollout: recreate, an outage from the last old pod to the first new one"
        if self.stateful:
            return self._in_turn()
        return f"rollout: surge {settings.get('max_surge', '25%')}, unavailable {settings.get('max_unavailable', 0)}"

    def _in_turn(self) -> str:
        """How a StatefulSet gets a release."""
        given = self.settings.get
        if not self.scaled and self.replicas == 1:
            stop, start = given("termination_grace_seconds", 30), given("progress_deadline_seconds", 300)
            until = f"at most {stop} s, before the next starts, ready in {start} s"
            return f"rollout: an outage: the one pod stops, {until}"
        stay = given("partition", 0)
        kept = f", down to number {stay}; those below stay on the release before" if stay else ""
        return f"rollout: one pod after the other, the last one first{kept}"

    @property
    def follows(self) -> str:
        """The traffic goes with the pods."""
        pace = "one after the other" if self.stateful else "a few at a time"
        return f"follows the pods as they are replaced, {pace}"

    @property
    def job_moments(self) -> tuple[str, str]:
        """The first pod of the new release, and the end of the rollout."""
        return "first new pod", "rollout"

    def announced(self, new: Release) -> str:
        """The release in place of the one before."""
        return f"{describe(new)}, in place of {describe(self.release)}"

    def ended(self, new: Release) -> tuple[str, str]:
        """The release is out; nothing comes next."""
        return f"{self.name}: {describe(new)} is out", ""

    def check_release(self, *, roll_out: bool) -> None:
        """Raises UsageError unless a rollout is asked for: the release takes the traffic at once."""
        if not roll_out:
            raise UsageError(
                f"{self.name} is a rolling service: it has no idle color", "add --roll-out to roll it out now"
            )

    def check_switch(self) -> None:
        """Raises UsageError."""
        raise UsageError(
            f"{self.name} is a rolling service: it has no second color to switch to, or back to",
            f"`cutover release {self.name} --roll-out …` rolls out a release, "
            f"`cutover rollback {self.name}` the one before",
        )

    def promotion_problems(self) -> Iterator[tuple[str, str]]:
        """The one problem: there is nothing to promote."""
        yield (
            f"--promote is for two colors, and {self.name} is a rolling service",
            "--roll-out alone rolls it out",
        )

    def place(self, live: str | None, release: Release, *, away: bool = False) -> Place | None:
        """The one slot; None where it has the release."""
        return None if same(self.release, release) else (RELEASE, again(release))

    def half_rolled(self, seen: "ServiceStatus") -> bool:
        """Whether the cluster differs from the file, or a rollout did not end."""
        return bool(seen.differences or not seen.completed)
