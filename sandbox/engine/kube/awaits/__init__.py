"""Waiting: until an applied object is ready by the provider's rules, and until a deleted one is gone.

The cluster is polled, soon five times a second. A wait ends at its deadline with the reasons that the object, its
pods and its claims give; only a failed Job ends it sooner.
"""

import threading
import time
from collections.abc import Callable

from sandbox.engine.kube import kinds
from sandbox.engine.kube.awaits import daemons, deployment, job, service, simple, stateful, wait_for
from sandbox.engine.kube.awaits.base import SKIP, Checker, annotation, cancelled, timed_out
from sandbox.engine.kube.client import Client, Object, Ref
from sandbox.engine.kube.errors import AwaitError, KubeError, NoKindError

__all__ = ["SKIP", "Note", "gone", "job_complete", "ready", "unready"]

POLL_SECONDS, FIRST_POLL_SECONDS = 0.2, 0.05  # most objects settle at once or in seconds
Note = Callable[[str], None]
job_complete = job.complete

_CHECKERS: dict[tuple[str, str], type[Checker]] = {
    ("apps", "Deployment"): deployment.DeploymentChecker,
    ("apps", "StatefulSet"): stateful.StatefulSetChecker,
    ("apps", "DaemonSet"): daemons.DaemonSetChecker,
    ("batch", "Job"): job.JobChecker,
    ("", "Service"): service.ServiceChecker,
    ("", "Pod"): simple.PodChecker,
    ("", "PersistentVolume"): simple.VolumeChecker,
    ("", "PersistentVolumeClaim"): simple.ClaimChecker,
    ("", "ReplicationController"): simple.ReplicasChecker,
    ("networking.k8s.io", "Ingress"): simple.IngressChecker,
}


def ready(
    client: Client,
    inputs: Object,
    live: Object,
    before: Object | None,
    deadline: float,
    cancel: threading.Event,
    note: Note,
) -> Object:
    """Wait until an applied object is ready and return it as last seen.

    `before` is the object as it was before an update, nothing for a create; `deadline` is in `time.monotonic`.

    Raises:
        AwaitError: it failed, or was not ready in time, or `cancel` was set.
    """
    if annotation(inputs, SKIP) == "true":
        return live
    checker = _checker(client, live, before)
    if checker is None:
        return live
    ref, told, pause = Ref.of(live), "", FIRST_POLL_SECONDS
    while not (verdict := checker.look(live)).ready:
        if verdict.failed:
            raise AwaitError(verdict.note, checker.reasons(live), live)
        if verdict.note not in ("", told):
            told = verdict.note
            note(told)
        if time.monotonic() > deadline:
            raise AwaitError(timed_out(ref.name, checker.custom), checker.reasons(live), live)
        if cancel.wait(pause):
            raise AwaitError(cancelled(ref.name), checker.reasons(live), live)
        pause = min(pause * 1.5, POLL_SECONDS)
        now = client.find(ref)
        if now is None:
            raise AwaitError(f"'{ref.name}' was deleted while it was awaited", [], live)
        live = now
    return live


def unready(client: Client, inputs: Object, live: Object) -> list[str]:
    """Say why an object is not ready right now, without waiting; empty if it is or if its kind has no rule."""
    kind = _CHECKERS.get((kinds.group_of(live["apiVersion"]), live["kind"]))
    # A claim, a volume or an Ingress is never judged on a read, and a Service's endpoints have settled by then.
    if kind is None or not kind.judged_on_read or annotation(inputs, "pulumi.com/waitFor"):
        return []
    checker = kind(client, live, live)
    if checker.look(live).ready:
        return []
    return [f"Resource '{live['metadata']['name']}' was created but failed to initialize", *checker.reasons(live)]


def gone(client: Client, ref: Ref, uid: str | None, seconds: float, cancel: threading.Event) -> None:
    """Wait until an object is gone; another object of the same name counts as gone.

    Raises:
        KubeError: it is still there.
    """
    deadline = time.monotonic() + seconds
    pause = FIRST_POLL_SECONDS
    while True:
        try:
            live = client.find(ref)
        except NoKindError:
            return
        if live is None or (uid and live["metadata"].get("uid") != uid):
            return
        if time.monotonic() > deadline or cancel.wait(pause):
            finalizers = ", ".join(live["metadata"].get("finalizers") or []) or "none"
            raise KubeError(
                f"'{ref.id}' ({ref.kind}) was not gone after {seconds:.0f} s; "
                f"finalizers might be preventing deletion ({finalizers})"
            )
        pause = min(pause * 2, POLL_SECONDS)


def _checker(client: Client, live: Object, before: Object | None) -> Checker | None:
    text = annotation(live, "pulumi.com/waitFor")
    if text:
        return wait_for.WaitForChecker(client, live, before)
    kind = _CHECKERS.get((kinds.group_of(live["apiVersion"]), live["kind"]))
    return kind(client, live, before) if kind else None
