"""The status of a service out of its facts and its config: roles, and where the two differ. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contract.labels import ENVIRONMENT, INSTANCE
from contract.refusal import Refusal, mend_or_abort
from contract.releases import other, runs_release
from cutover.observe.attached import differences as attachment_differences
from cutover.observe.facts import Facts, LiveService, Workload
from cutover.observe.images import mixture, replaced, running
from cutover.observe.jobs import Done, status_of
from cutover.observe.kept import set_apart
from cutover.observe.records import ColorStatus, Difference, JobStatus, PodStatus, Role, ServiceStatus
from cutover.observe.roles import roles_of
from cutover.observe.scale_down import ScaleDown, scale_down_of
from cutover.stackfile.view import StackView
from cutover.strategies.releases import describe, id_of, older, release_of
from cutover.strategies.service import ServiceView

_NONE = "none"
_PIN = "the tag was moved: `cutover release … --pin` names a release by its digest"


def judge(view: StackView, found: Mapping[str, Facts]) -> dict[str, ServiceStatus]:
    """The status of every service of the stack's config, in the config's order."""
    return {
        name: _Judge(view.name, service, found.get(name, Facts())).status() for name, service in view.services.items()
    }


class _Judge:
    def __init__(self, stack: str, service: ServiceView, facts: Facts) -> None:
        self._stack, self._service = stack, service
        self._apart = set_apart(service, facts)
        self._facts = self._apart.facts
        self._live = facts.live
        self._up = f"`cutover up --stack {stack}` deploys it"
        self._settle = f"`cutover up --stack {stack}` puts the config through"
        # A number of pods, and what is in a ReplicaSet, `up` does not look at: the engine compares with its state.
        self._refresh = f"`pulumi up --refresh --stack {stack}` puts the config through"
        self._finish = f"`cutover up --stack {stack}` carries it on"
        self._mend = mend_or_abort(service.name, stack)

    def status(self) -> ServiceStatus:
        service, live, workload = self._service, self._live, self._serving_workload
        colors = {
            name: status
            for name, release in self._service.slots.items()
            if (status := self._color(name, release)).role != "absent" or release or status.pods
        }
        return ServiceStatus(
            name=service.name,
            strategy=service.strategy,
            active_color=service.active,
            live_color=self._live_color,
            live_revision=service.revision(live, workload),
            completed=service.completed(live, workload),
            colors=colors,
            differences=tuple(self._differences(colors)),
            gates=service.gates,
            group=service.group,
            by_label=live is not None and live.by_label,
            no_rollback_past=self._limit(),
            since=live.since if live else None,
            refusal=self._refusal(colors),
            lost=self._lost(colors),
            scale_down=self._scale_down(colors),
            roles=roles_of(service, colors),
            kept=self._apart.kept,
            served=live.served if live else frozenset(),
        )

    def _refusal(self, colors: Mapping[str, ColorStatus]) -> Refusal | None:
        """The note, while the release that it is of stands on the color that does not serve."""
        noted = self._live.refusal if self._live else None
        there = colors.get(noted.color) if noted else None
        return noted if noted and there and there.role != "live" and there.revision == noted.revision else None

    def _scale_down(self, colors: Mapping[str, ColorStatus]) -> ScaleDown | None:
        """Of the color that was left."""
        if not self._service.switches or not self._live_color:
            return None
        left = other(self._live_color)
        workload = self._chosen(left, self._service.slots.get(left, {}))
        return scale_down_of(self._stack, self._service, self._live, colors.get(left), workload)

    def _lost(self, colors: Mapping[str, ColorStatus]) -> str:
        """That the live Service is gone: pods stand there for longer than a first deployment takes."""
        if self._live is not None or self._service.worker:
            return ""
        there = colors.get(self._service.serving_slot(self._service.active))
        ages = [pod.age_seconds for pod in there.pods if pod.ready] if there else []
        limit = self._deadline + float(self._service.settings.get("gate_timeout_seconds", 120))
        gone = ages and min(ages) > limit
        return f"there is no live Service, and {len(ages)} pods are ready: nothing reaches them" if gone else ""

    @property
    def _deadline(self) -> float:
        return float(self._service.settings.get("progress_deadline_seconds", 300))

    def _stuck(self, workload: Workload, pods: Sequence[PodStatus]) -> str:
        if workload.stuck:
            return workload.stuck
        late = [pod for pod in pods if pod.revision == workload.revision and pod.unready_seconds > self._deadline]
        return f"{late[0].name} is not ready for {late[0].unready_seconds:.0f} s: {late[0].reason}" if late else ""

    @property
    def _live_color(self) -> str | None:
        return self._live.color if self._live else None

    @property
    def _serving_workload(self) -> Workload | None:
        """The workload of the slot that takes the traffic."""
        service = self._service
        slot = service.serving_slot(self._live_color)
        return self._chosen(service.color_of(slot), service.slots.get(slot, {}))

    def _chosen(self, color: str | None, release: Mapping[str, Any]) -> Workload | None:
        """The workload that stands for a color, which has two while one release follows another: the one that serves,
        else the one of the config, else the newest.
        """
        of_color = [workload for workload in self._facts.workloads if workload.color == color]
        if self._live and color and color == self._live_color:
            serving = self._live.revision
            if found := next((workload for workload in of_color if workload.revision == serving), None):
                return found
        wanted = id_of(release) if release else None
        fitting = [workload for workload in of_color if wanted and runs_release(workload.revision, wanted)]
        return max(fitting or of_color, key=lambda workload: workload.created, default=None)

    def _color(self, name: str, release: Mapping[str, Any]) -> ColorStatus:
        color = self._service.color_of(name)
        workload = self._chosen(color, release)
        pods = sorted(self._facts.pods.get(color, []), key=lambda pod: (pod.age_seconds, pod.name))
        if workload is None:
            return ColorStatus(
                name,
                describe(release) if release else _NONE,
                "",
                "absent",
                0,
                0,
                tuple(pods),
                jobs=self._jobs(color, release),
            )
        return ColorStatus(
            color=name,
            release=release_of(workload.revision, workload.version, release),
            revision=workload.revision,
            role="live" if self._service.worker else self._role(color, workload, self._live),
            wanted=workload.wanted,
            ready=sum(pod.ready for pod in pods if pod.revision == workload.revision),
            pods=tuple(pods),
            image=workload.image,
            image_ids=tuple(sorted({pod.image_id for pod in running(pods, workload.revision, workload.image)}))
            or workload.image_ids,
            noted_ids=workload.image_ids,
            origin=workload.origin,
            created=workload.created,
            jobs=self._jobs(color, release),
            stuck=self._stuck(workload, pods),
            serving=self._service.serving(workload, pods),
            staying=min(workload.partition, workload.wanted),
        )

    @staticmethod
    def _role(color: str | None, workload: Workload, live: LiveService | None) -> Role:
        if live is None:
            return "preview"
        if color == live.color:  # None for both where the service is rolling
            return "live"
        if workload.detached:
            return "standby"
        # Times are of whole seconds. What served before was awaited before it served, so it is older than the switch.
        return "standby" if live.has_left(workload) else "preview"

    @property
    def _noted(self) -> LiveService | Workload | None:
        return self._service.noted(self._live, self._serving_workload)

    @property
    def _serving(self) -> Mapping[str, Any]:
        """The release that takes the traffic, as the config has it; {} where it has it no more."""
        noted, service = self._noted, self._service
        release = service.slots.get(service.serving_slot(self._live_color), {})
        serves = noted and release and runs_release(noted.revision or "", id_of(release))
        return release if serves else {}

    def _jobs(self, color: str | None, release: Mapping[str, Any]) -> tuple[JobStatus, ...]:
        if not release:
            return ()
        done = self._noted.done if self._noted else Done()
        return status_of(self._service.settings, self._facts.jobs, done, color, id_of(release))

    def _limit(self) -> str | None:
        """The release past which nobody may roll back: as the cluster notes it, readable or not, or the config of what
        serves.
        """
        noted = self._noted
        if noted and noted.limit is not None and noted.barrier is None:
            return noted.limit
        limit, release = noted.barrier if noted else None, self._serving
        if release.get("rollback") == "forbidden" and (limit is None or older(limit, release)):
            limit = release
        return describe(limit) if limit else None

    def _differences(self, colors: Mapping[str, ColorStatus]) -> Iterator[Difference]:
        service, live = self._service, self._live
        if live is None and not self._facts.workloads:
            yield Difference(service.name, "deployed", "not there", self._up)
            return
        found = [
            *self._selector(refused=bool((noted := self._refusal(colors)) and noted.bad)),
            *self._attached(),
            *(d for name in self._service.slots for d in self._of_color(name, colors.get(name))),
            *self._apart.missing(service, self._up),
        ]
        yield from found
        if service.switches and live and not service.completed(live, None) and not found:
            yield Difference(f"{service.name}: cutover", "completed", "begun, not carried to its end", self._finish)
        elif self._serving and not found:
            yield from self._unfinished(colors.get(service.serving_slot(self._live_color)))

    def _unfinished(self, serving: ColorStatus | None) -> Iterator[Difference]:
        """What has to run once a cutover is complete, and has not."""
        for job in serving.jobs if serving else ():
            if job.setting == "after_cutover" and job.state != "done":
                actual = f"{job.state}: {job.reason}" if job.reason else job.state
                yield Difference(f"{self._service.name}: {job.setting} Job", "done", actual, self._finish)

    def _settled(self, name: str) -> bool:
        """Whether no rollout of this color is under way, and the notes on its workload are of its release."""
        workload = self._chosen(self._service.color_of(name), self._service.slots[name])
        return bool(workload and workload.rolled and workload.own_notes)

    def _selector(self, *, refused: bool) -> Iterator[Difference]:
        service, live = self._service, self._live
        if service.worker:
            return
        if live is None:
            yield Difference(f"{service.name}: live Service", "there", _NONE, self._settle)
            return
        selector = dict(live.selector)
        keys = service.selector_keys | ({ENVIRONMENT} if service.environment else set())
        both = live.shared and service.by_replicas and live.color  # how many of each is said elsewhere
        if selector.get(INSTANCE) != service.name or not (both or selector.keys() == keys):
            wanted = ", ".join(sorted(keys))
            actual = ", ".join(f"{key}={value}" for key, value in sorted(selector.items())) or _NONE
            yield Difference(f"{service.name}: selector of the live Service", wanted, actual, self._settle)
        elif live.color != service.active:
            fix = self._mend if refused else self._settle  # what was refused would be refused again
            yield Difference(f"{service.name}: live color", str(service.active), live.color or _NONE, fix)
        elif live.color and live.revision:
            release, revision = service.colors.get(live.color, {}), live.revision
            if release and not runs_release(revision, id_of(release)):
                yield Difference(f"{service.name}: live release", describe(release), revision, self._settle)

    def _attached(self) -> Iterator[Difference]:
        live, service = self._live, self._service
        if live and live.by_label:
            yield from attachment_differences(service, live, self._facts.workloads, self._facts.pods, self._settle)

    def _of_color(self, name: str, status: ColorStatus | None) -> Iterator[Difference]:
        service = self._service
        release = service.slots[name]
        what = service.called(name)
        if status is None or (not release and not status.revision):
            return
        if not release:
            yield Difference(what, _NONE, status.release, self._settle)
        elif not status.revision:
            yield Difference(what, describe(release), _NONE, self._up)
        elif not runs_release(status.revision, id_of(release)):
            yield Difference(f"{what}: release", describe(release), status.release, self._settle)
        elif status.image != release.get("image"):
            immutable = service.settings.get("workload") == "replica-set"
            settle = self._refresh if immutable else self._settle
            yield Difference(f"{what}: image", str(release.get("image")), status.image, settle)
        wanted = service.pods_wanted(name)
        theirs = service.scaled or release.get("adopt")  # then the number is not the config's
        keeps = self._scale_down({name: status})  # more than the standby for a while, which is no difference
        if release and status.revision and status.wanted != wanted and not theirs and not keeps:
            yield Difference(f"{what}: pods", str(wanted), str(status.wanted), self._refresh)
        if not self._settled(name):
            return  # a rollout on its way has pods of two contents, and notes of the release before
        if mixed := mixture(running(status.pods, status.revision, status.image), status.image):
            yield Difference(f"{what}: image", f"{status.image}, one", f"several: {mixed}", _PIN)
        elif now := replaced(status.noted_ids, status.image_ids, status.image):
            yield Difference(f"{what}: image", f"{status.image}, as it was brought up", now, _PIN)
