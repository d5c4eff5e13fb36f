"""The objects of a service other than its workload: Services for clients, autoscaler, disruption budget.

Each is made from the typed settings, and the fragment of the settings is merged over it by Kubernetes' own rules.
"""

from collections.abc import Mapping
from typing import Any

from components.manifests import workload
from components.manifests.objects import Manifest
from components.podspec.merge import merged
from components.settings import PodSettings
from components.settings.autoscale import Autoscale
from components.settings.fragment import AUTOSCALER, BUDGET, SERVICE
from components.settings.scaled_object import is_scaled_object
from contract.annotations import HELD


def clients_service(meta: dict[str, Any], settings: PodSettings, selector: Mapping[str, str]) -> Manifest:
    """The Service that clients send to, with `service` over it."""
    return _over(workload.service(meta, settings, selector), settings.service, SERVICE)


def further_service(
    meta: dict[str, Any], settings: PodSettings, selector: Mapping[str, str], fragment: Mapping[str, Any]
) -> Manifest:
    """One of `services`. Its ports are those of its fragment, or those of the Service that clients send to."""
    made = workload.service(meta, settings, selector)
    if settings.port is None or (fragment.get("spec") or {}).get("ports"):
        del made["spec"]["ports"]
    return _over(made, fragment, SERVICE)


def autoscaler(
    meta: dict[str, Any], scale: Autoscale | None, fragment: Mapping[str, Any], kind: str, name: str
) -> Manifest:
    """A HorizontalPodAutoscaler over the workload of that kind and name: `autoscale`, with `autoscaler` over it. Where
    that is a ScaledObject, that one.
    """
    if is_scaled_object(fragment):
        return _scaled_object(meta, fragment, kind, name)
    spec: dict[str, Any] = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name}}
    if scale:
        target = {"type": "Utilization", "averageUtilization": scale.cpu_percent}
        cpu = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
        spec |= {"minReplicas": scale.min_replicas, "maxReplicas": scale.max_replicas, "metrics": cpu}
    return _over({"metadata": meta, "spec": spec}, fragment, AUTOSCALER)


def _scaled_object(meta: dict[str, Any], fragment: Mapping[str, Any], kind: str, name: str) -> Manifest:
    own = fragment.get("metadata") or {}
    described = {key: {**(own.get(key) or {}), **meta[key]} for key in ("labels", "annotations") if key in meta}
    target = {"apiVersion": "apps/v1", "kind": kind, "name": name}
    return {"metadata": {**own, **meta, **described}, "spec": {**fragment["spec"], "scaleTargetRef": target}}


def held(scaler: Manifest, color: str, fewest: int | None = None) -> Manifest:
    """An autoscaler while `color`, which is not active, has a share: it takes no pod away, whatever its own settings
    say. A color whose load has shrunk by the share must carry all of it at any moment. `fewest` pods, if given.
    """
    by_keda = "triggers" in scaler["spec"]
    spec = dict(scaler["spec"])
    if fewest is not None:
        spec["minReplicaCount" if by_keda else "minReplicas"] = fewest
    path = ("advanced", "horizontalPodAutoscalerConfig", "behavior") if by_keda else ("behavior",)
    meta = scaler["metadata"]
    return {
        "metadata": {**meta, "annotations": {**(meta.get("annotations") or {}), HELD: color}},
        "spec": _with(spec, (*path, "scaleDown", "selectPolicy"), "Disabled"),
    }


def _with(found: Mapping[str, Any], path: tuple[str, ...], value: str) -> dict[str, Any]:
    key, *rest = path
    return {**found, key: _with(found.get(key) or {}, tuple(rest), value) if rest else value}


def disruption_budget(
    meta: dict[str, Any], selector: Mapping[str, str], fragment: Mapping[str, Any] | None = None
) -> Manifest:
    """Lets a node drain take one pod at a time, unless `budget` says otherwise. Counted as unavailable, so it never
    blocks every eviction; Kubernetes takes one kind of number only.
    """
    spec: dict[str, Any] = {"selector": {"matchLabels": dict(selector)}}
    if "minAvailable" not in ((fragment or {}).get("spec") or {}):
        spec["maxUnavailable"] = 1
    return _over({"metadata": meta, "spec": spec}, fragment or {}, BUDGET)


def wants_budget(settings: PodSettings, replicas: int) -> bool:
    """Whether there is a budget for that many pods: of one pod only where `budget` asks for it."""
    return settings.disruption_budget and (replicas > 1 or (bool(settings.budget) and replicas > 0))


def _over(made: Manifest, fragment: Mapping[str, Any], kind: str) -> Manifest:
    return merged(made, fragment, kind) if fragment else made
