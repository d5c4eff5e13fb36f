"""A StatefulSet, and the headless Service that gives each of its pods an address of its own."""

from collections.abc import Mapping
from typing import Any

from components.manifests import workload
from components.manifests.objects import Manifest
from components.settings import PodSettings

Claims = Mapping[str, Mapping[str, Any]]


def stateful_set(
    meta: dict[str, Any],
    settings: PodSettings,
    selector: Mapping[str, str],
    template: dict[str, Any],
    replicas: int | None,
    *,
    governing: str,
    claims: Claims,
    parallel: bool,
    partition: int,
    retention: tuple[str, str],
    awaited: bool = True,
) -> Manifest:
    """A StatefulSet; no `replicas` leave the count to an autoscaler. `governing` is its Service, `retention` what
    becomes of claims when it is deleted and when it gets smaller.

    `awaited`: the gates wait for it, and the engine's provider does not. The provider may take the state before an
    update for that after it. With a `partition` it would wait for ever, as all pods never have the update.
    """
    deleted, scaled = (kept.capitalize() for kept in retention)
    spec: dict[str, Any] = {
        "selector": {"matchLabels": dict(selector)},
        "serviceName": governing,
        "template": template,
        "podManagementPolicy": "Parallel" if parallel else "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": deleted, "whenScaled": scaled},
        "revisionHistoryLimit": settings.revision_history_limit,
        **workload.min_ready(settings),
    }
    if claims:
        spec["volumeClaimTemplates"] = [claim_template(name, claim) for name, claim in claims.items()]
    if replicas is not None:
        spec["replicas"] = replicas
    meta = workload.described(meta, settings)
    if awaited or partition:
        meta = {**meta, "annotations": {**meta["annotations"], **workload.SKIP_AWAIT}}
    return {"metadata": meta, "spec": spec}


def claim_template(name: str, claim: Mapping[str, Any]) -> Manifest:
    """One of the claims that each pod gets, as the API server has it."""
    given = _given(claim)
    metadata = {"name": name, **(given.get("metadata") or {})}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": given.get("spec") or {}}


def governing_service(meta: dict[str, Any], settings: PodSettings, selector: Mapping[str, str]) -> Manifest:
    """Headless, and with the pods that are not ready: those that start have to find each other before they are."""
    made = workload.service(meta, settings, selector)
    spec = {**made["spec"], "clusterIP": "None", "publishNotReadyAddresses": True}
    if settings.port is None:
        del spec["ports"]
    return {**made, "spec": spec}


def without_claims(template: Mapping[str, Any], claims: Claims) -> dict[str, Any]:
    """The template of pods that are none of the set's, as those of a Job: nothing of the claims is mounted in them."""
    spec = dict(template["spec"])
    for kind in ("containers", "initContainers"):
        if kind in spec:
            spec[kind] = [_unmounted(container, claims) for container in spec[kind]]
    return {**template, "spec": spec}


def _unmounted(container: Mapping[str, Any], claims: Claims) -> dict[str, Any]:
    made = dict(container)
    for field in ("volumeMounts", "volumeDevices"):
        if field in made:
            made[field] = [one for one in made[field] if one.get("name") not in claims]
    return made


def _given(value: Any) -> Any:
    """The value without `null`, which says nothing where there is nothing to take it from."""
    if isinstance(value, Mapping):
        return {name: _given(inner) for name, inner in value.items() if inner is not None}
    return [_given(inner) for inner in value] if isinstance(value, list | tuple) else value
