"""The workload of one release, as a Deployment or as an immutable ReplicaSet, and a plain Service over it.

Shared by both components. What people see of a service from outside is in `components.manifests.beside`.
"""

import json
from collections.abc import Mapping
from typing import Any

import pulumi

from components.manifests.objects import Manifest
from components.rules import surge
from components.rules.digest import stable_digest
from components.settings import PodSettings
from components.settings.pod_rules import SERVICE_PORT
from contract import ownership
from contract.annotations import STACK, WRITTEN

PORT = SERVICE_PORT  # of our own Services; an adopted one keeps its own
# Of Services the provider's wait costs 10 s and does not look at colors; of StatefulSets see `manifests.stateful`.
SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}
# Without it a field that somebody changed by hand is theirs, and the next cutover or rollback fails on it.
TAKE_OVER = {"pulumi.com/patchForce": "true"}
_WAIT_FOR = "pulumi.com/waitFor"
TIMEOUT_MARGIN_SECONDS = 15  # what the cluster takes to notice the deadline and report it


def timeout(settings: PodSettings) -> str:
    """The engine's time limit for a workload whose pods start all at once, in its own notation.

    The provider only logs ProgressDeadlineExceeded and waits on for its default of 10 minutes.
    """
    return f"{settings.progress_deadline_seconds + TIMEOUT_MARGIN_SECONDS}s"


def timeout_in_rounds(settings: PodSettings, fewest: int, most: int) -> str:
    """The same where between `fewest` and `most` pods are replaced within the surge settings: each round may take its
    time, as Kubernetes counts the deadline anew with each pod that gets ready.
    """
    rounds = surge.rounds(settings.max_surge, settings.max_unavailable, fewest, most)
    return f"{settings.progress_deadline_seconds * rounds + TIMEOUT_MARGIN_SECONDS}s"


def timeout_in_turn(settings: PodSettings, pods: int) -> str:
    """The same where pods are replaced one after the other: each may take its time to stop and to start."""
    each = settings.progress_deadline_seconds + settings.termination_grace_seconds
    return f"{each * max(pods, 1) + TIMEOUT_MARGIN_SECONDS}s"


def metadata(name: str, namespace: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """An object's metadata; the namespace is always written out, so no context of the deployer can redirect it."""
    return {"name": name, "namespace": namespace, "labels": dict(labels), "annotations": {**TAKE_OVER, **identity()}}


def described(meta: dict[str, Any], settings: PodSettings) -> dict[str, Any]:
    """The metadata of a workload with the labels and annotations that are asked for; the program's own win."""
    return {
        **meta,
        "labels": {**settings.workload_labels, **meta.get("labels", {})},
        "annotations": {**settings.workload_annotations, **meta.get("annotations", {})},
    }


def identity() -> dict[str, str]:
    """The annotation that says which stack an object is of."""
    return {STACK: ownership.identity(pulumi.get_project(), pulumi.get_stack())}


def deployment(
    meta: dict[str, Any],
    settings: PodSettings,
    selector: Mapping[str, str],
    template: dict[str, Any],
    replicas: int | None,
    *,
    recreate: bool = False,
) -> Manifest:
    """A Deployment; no `replicas` leave the count to an autoscaler, `recreate` stops all pods before new ones start."""
    within = {"maxSurge": settings.max_surge, "maxUnavailable": settings.max_unavailable}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": dict(selector)},
        "template": template,
        **min_ready(settings),
        "progressDeadlineSeconds": settings.progress_deadline_seconds,
        "revisionHistoryLimit": settings.revision_history_limit,
        "strategy": {"type": "Recreate"} if recreate else {"type": "RollingUpdate", "rollingUpdate": within},
    }
    return {"metadata": described(meta, settings), "spec": spec if replicas is None else {**spec, "replicas": replicas}}


def replica_set(
    meta: dict[str, Any],
    settings: PodSettings,
    selector: Mapping[str, str],
    template: dict[str, Any],
    replicas: int,
    *,
    scaled: bool = False,
    marked: bool = False,
) -> Manifest:
    """A ReplicaSet. The provider knows no wait for one, so it is told what to wait for.

    First for what tells its write. The list that the provider's wait begins with may be older, and what else is waited
    for may be so on it already. What it saw goes into the state, and the next `up` would then make the same change
    again. That is the stack's own identity on a new one. Under an autoscaler it is the mark of this very write
    (`marked`), as the wait of the color that becomes active is met by any ReplicaSet.

    The comparison is of text, and `availableReplicas` is absent at 0. Where the number is an autoscaler's (`scaled`) it
    is not known here, and is 0 where an empty standby is about to serve: then only the gates count.
    """
    meta = described(meta, settings)
    awaited = _awaited(meta, settings.ready_seconds, None if scaled else replicas, marked=marked)
    return {
        "metadata": {**meta, "annotations": {**meta["annotations"], **awaited}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": dict(selector)},
            "template": template,
            **min_ready(settings),
        },
    }


def keep_pods(replica_set: Manifest, replicas: pulumi.Input[int]) -> None:
    """Give a ReplicaSet this number of pods, which is known later, and the wait for them."""
    meta, spec = replica_set["metadata"], replica_set["spec"]
    seconds, marked = spec.get("minReadySeconds", 0), WRITTEN in meta["annotations"]
    spec["replicas"] = replicas
    awaited = pulumi.Output.from_input(replicas).apply(lambda known: _awaited(meta, seconds, known, marked=marked))
    late = {key: awaited[key] for key in (WRITTEN, _WAIT_FOR) if key in meta["annotations"]}
    replica_set["metadata"] = {**meta, "annotations": {**meta["annotations"], **late}}


def _awaited(meta: Mapping[str, Any], ready_seconds: int, replicas: int | None, *, marked: bool) -> dict[str, str]:
    """The annotations that say what to wait for. No `replicas`: the number is an autoscaler's, and no part of what is
    written.
    """
    wait_for = "jsonpath={.status.replicas}"
    if replicas is not None:
        wait_for = f"jsonpath={{.status.availableReplicas}}={replicas}" if replicas else f"{wait_for}=0"
    own = {key: value for key, value in meta["annotations"].items() if key not in (WRITTEN, _WAIT_FOR)}
    tells, told = STACK, own[STACK]
    if marked:
        tells, told = WRITTEN, stable_digest([own, meta["labels"], ready_seconds, replicas])
    written = f"jsonpath={{.metadata.annotations['{tells}']}}={told}"
    return {tells: told, _WAIT_FOR: json.dumps([written, wait_for])}


def min_ready(settings: PodSettings) -> dict[str, int]:
    """`minReadySeconds`. The API server drops a zero, so writing one would read as a difference on every run."""
    return {"minReadySeconds": settings.ready_seconds} if settings.ready_seconds else {}


def worker_service(meta: dict[str, Any], selector: Mapping[str, str]) -> Manifest:
    """The Service of a worker: headless and without a port, so that it only says which pods are meant."""
    annotated = {**meta, "annotations": {**meta["annotations"], **SKIP_AWAIT}}
    return {"metadata": annotated, "spec": {"type": "ClusterIP", "clusterIP": "None", "selector": dict(selector)}}


def service(
    meta: dict[str, Any], settings: PodSettings, selector: Mapping[str, str], *, by_number: bool = False
) -> Manifest:
    """A ClusterIP Service over the pods that the selector finds; `by_number` for pods whose port may have no name."""
    target = settings.port if by_number else settings.port_name
    return {
        "metadata": {**meta, "annotations": {**meta["annotations"], **SKIP_AWAIT}},
        "spec": {
            "type": "ClusterIP",
            "selector": dict(selector),
            "ports": [
                {"name": PORT, "port": settings.service_port, "targetPort": target, "protocol": "TCP"},
                *(
                    {"name": name, "port": port, "targetPort": port if by_number else name, "protocol": "TCP"}
                    for name, port in settings.ports.items()
                ),
            ],
        },
    }
