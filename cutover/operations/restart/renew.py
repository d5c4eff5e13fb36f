"""New pods for those of one workload, with as many ready all the while as are wanted."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from contract.annotations import RESTARTED
from contract.labels import COLOR, INSTANCE, REVISION
from contract.words import counted
from cutover.errors import ClusterUnreachable, DriverError, GateRefused, TimedOut
from cutover.observe import Api
from cutover.observe.connection import Refused
from cutover.observe.pods import is_ready, over
from cutover.operations.command.run import Run
from cutover.stackfile import ServiceView

POLL_SECONDS = 0.5
DEADLINE_SECONDS, GRACE_SECONDS = 300, 30  # of the config, unless it says otherwise
TRIES = 5  # of a write that somebody else came before
_TOO_MANY = 429  # what a disruption budget answers to an eviction

Json = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """A Deployment, ReplicaSet or StatefulSet (`kind` is the plural) as it was read, at its path of the API."""

    path: str
    kind: str
    item: Json

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.item["metadata"]["name"])

    @property
    def replicas(self) -> int:
        """How many pods it wants."""
        return int(self.item["spec"].get("replicas", 1))

    @property
    def revision(self) -> str:
        """The revision of its pods."""
        return str(self._labels.get(REVISION, ""))

    def is_of(self, service: str, color: str | None) -> bool:
        """Whether it makes pods of that color of that service."""
        return self._labels.get(INSTANCE) == service and self._labels.get(COLOR) == color and self.replicas > 0

    def has_made(self, pod: Json) -> bool:
        """Whether a pod has all the labels that it selects by."""
        wanted = self.item["spec"]["selector"]["matchLabels"]
        return bool(wanted.items() <= (pod["metadata"].get("labels") or {}).items())

    @property
    def _labels(self) -> Json:
        return self.item["spec"]["template"]["metadata"].get("labels") or {}


class Renewal:
    """The restart of one workload's pods. The names of those that stop are added to `stopped`. Whatever was begun goes
    on by itself; only a wait is broken off.
    """

    def __init__(self, run: Run, api: Api, service: ServiceView, workload: Workload, stopped: list[str]) -> None:
        self._run, self._api, self._service, self._workload = run, api, service, workload
        self._stopped = stopped
        given = service.settings.get
        deadline = given("progress_deadline_seconds", DEADLINE_SECONDS)
        self._patience_seconds = deadline + given("termination_grace_seconds", GRACE_SECONDS)
        self._pods = f"/api/v1/namespaces/{run.view.namespace}/pods"
        scaled = "autoscale" in service.settings or "autoscaler" in service.settings
        self._alone = workload.kind == "replicasets" and not scaled

    def run(self) -> None:
        """Raises TimedOut, GateRefused, Interrupted, ClusterUnreachable."""
        old = self._mine()
        if self._workload.kind == "deployments":
            self._roll_out(old)
        else:
            self._one_by_one(sorted(old, key=lambda pod: str(pod["metadata"]["creationTimestamp"])))

    def _roll_out(self, old: list[Json]) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._write(self._workload.path, {"spec": {"template": {"metadata": {"annotations": {RESTARTED: at}}}}})
        self._noted(old)
        self._say(
            f"{self._workload.name} replaces its {counted(self._workload.replicas, 'pod')}, as its surge settings say"
        )
        uids = {pod["metadata"]["uid"] for pod in old}
        limit_seconds = self._patience_seconds * max(1, len(old))
        self._until(partial(self._unmet, uids, self._workload.replicas), limit_seconds)

    def _one_by_one(self, old: list[Json]) -> None:
        wanted = self._workload.replicas + (1 if self._alone else 0)
        try:
            if self._alone:  # an autoscaler would take it away again
                self._scale(wanted)
                self._until(partial(self._unmet, set(), wanted), self._patience_seconds)
            for number, pod in enumerate(old, 1):
                self._run.check_stopping()
                if self._evict(pod):
                    self._noted([pod])
                    self._say(f"evicted {pod['metadata']['name']}, {number} of {len(old)}")
                self._until(partial(self._unmet, {pod["metadata"]["uid"]}, wanted), self._patience_seconds)
        finally:
            if self._alone:
                self._scale(self._workload.replicas)
        if self._alone:
            self._until(self._too_many, self._patience_seconds)

    def _evict(self, pod: Json) -> bool:
        """Whether it was told to stop; not where that very pod is gone. A budget that allows none now is waited for."""
        meta = pod["metadata"]
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": meta["name"], "namespace": self._run.view.namespace},
            "deleteOptions": {"preconditions": {"uid": meta["uid"]}},
        }
        end = time.monotonic() + self._patience_seconds
        while True:
            try:
                self._api.json("POST", f"{self._pods}/{meta['name']}/eviction", body=body, retry_seconds=0)
            except Refused as refused:
                if refused.status in (404, 409):
                    return False
                if refused.status == 403:
                    raise GateRefused(
                        f"{self._service.name}: this identity may not evict pods: {refused.what}",
                        "`kubectl apply -n <namespace> -f docs/rbac.yaml` has a rule for pods/eviction",
                    ) from None
                if refused.status != _TOO_MANY or time.monotonic() > end:
                    raise
                self._wait(f"a disruption budget holds {meta['name']}", self._patience_seconds)
            else:
                return True

    def _scale(self, replicas: int) -> None:
        self._write(f"{self._workload.path}/scale", {"spec": {"replicas": replicas}})

    def _write(self, path: str, body: Json) -> None:
        """A change of the workload as it is now. Raises ClusterUnreachable where others change it all the time."""
        for _ in range(TRIES):
            if self._api.patch(path, body, self._api.json("GET", self._workload.path)["metadata"]):
                self._run.changed = True
                return
        raise ClusterUnreachable(
            f"{self._workload.name} changed {TRIES} times while it was to be written",
            f"`cutover restart {self._service.name}` again",
        )

    def _mine(self) -> list[Json]:
        return [pod for pod in self._api.items(self._pods) if self._workload.has_made(pod) and not over(pod)]

    def _unmet(self, gone: set[str], wanted: int) -> str | None:
        """Which of the pods that are to go are there, or how many are ready where that is fewer than wanted."""
        mine = self._mine()
        if left := sorted(pod["metadata"]["name"] for pod in mine if pod["metadata"]["uid"] in gone):
            return f"{', '.join(left)} still there"
        ready = sum(map(is_ready, mine))
        return f"{ready} of {wanted} pods are ready" if ready < wanted else None

    def _too_many(self) -> str | None:
        """The pod more, until it is gone."""
        there = len(self._mine())
        return f"{there} pods are there for {self._workload.replicas}" if there > self._workload.replicas else None

    def _until(self, unmet: Callable[[], str | None], limit_seconds: float) -> None:
        end = time.monotonic() + limit_seconds
        while reason := unmet():
            if time.monotonic() > end:
                self._run.report.done_waiting()
                raise self._late(reason, limit_seconds)
            self._wait(reason, limit_seconds)
        self._run.report.done_waiting()

    def _wait(self, reason: str, limit_seconds: float) -> None:
        self._run.check_stopping()
        self._run.report.wait(f"{self._service.name}: {reason}", limit_seconds)
        time.sleep(POLL_SECONDS)

    def _late(self, reason: str, limit_seconds: float) -> DriverError:
        return TimedOut(
            f"{self._service.name}: {limit_seconds:g} s after {self._workload.name} was to renew its pods, {reason}",
            "`cutover status` names what new pods wait for; the old ones that are left go on",
        )

    def _noted(self, pods: list[Json]) -> None:
        self._stopped += [pod["metadata"]["name"] for pod in pods]

    def _say(self, text: str) -> None:
        self._run.report.say(f"{self._service.name}: {text}")
