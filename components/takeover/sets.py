"""A StatefulSet of others as settings, its pods left out, and what of it the settings cannot hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.rules.stateful_set import values_of
from components.settings.beside_rules import OUR_ANNOTATIONS, OUR_LABELS
from components.strategies.rolling.settings import RollingSettings
from components.strategies.rolling.workload import manifest_of
from components.takeover.own import own
from components.takeover.templates import without_null
from components.takeover.workloads import Workload

Json = dict[str, Any]
_RETENTION = "persistentVolumeClaimRetentionPolicy"
_DEFAULTS: Json = {  # of the API server (k8s.io/kubernetes, pkg/apis/apps/v1/defaults.go), and none for numbers of ours
    "replicas": 1,
    "podManagementPolicy": "OrderedReady",
    _RETENTION: {"whenDeleted": "Retain", "whenScaled": "Retain"},
}
_NOT_COMPARED = ("selector", "template", "updateStrategy", "volumeClaimTemplates")


def of_set(one: Workload) -> Json:
    """The settings that only a StatefulSet has. Raises ConfigError for what none of them can hold."""
    spec = without_null(one.item["spec"])
    if problems := list(_problems(one.name, spec)):
        raise ConfigError(problems)
    retention = spec.get(_RETENTION) or {}
    kept = {"when_deleted": retention.get("whenDeleted"), "when_scaled": retention.get("whenScaled")}
    found = {
        "workload": "stateful-set",
        "pod_management": "parallel" if spec.get("podManagementPolicy") == "Parallel" else None,
        "partition": _rolling(spec).get("partition"),
        "governing_service": spec.get("serviceName"),
        "volume_claims": {one["metadata"]["name"]: _claim(one) for one in spec.get("volumeClaimTemplates") or ()},
        "claim_retention": {key: value.lower() for key, value in kept.items() if value},
        "min_ready_seconds": spec.get("minReadySeconds"),
        "revision_history_limit": spec.get("revisionHistoryLimit"),
    }
    return {key: value for key, value in found.items() if value not in (None, {}, "")}


def lost_of_set(one: Workload, settings: RollingSettings) -> Iterator[str]:
    """The paths at which the StatefulSet that the settings make says something else, its pods left out."""
    made = manifest_of(one.name, settings, {"name": one.name, "annotations": {}}, {}, {})["spec"]
    old, new = ({**_DEFAULTS, **spec} for spec in (without_null(one.item["spec"]), made))
    old[_RETENTION] = {**_DEFAULTS[_RETENTION], **old[_RETENTION]}
    for field in sorted(old.keys() - set(_NOT_COMPARED)):
        scaled = field == "replicas" and settings.scaling is not None
        unset = (field == "serviceName" and not old[field]) or (field == "ordinals" and not old[field].get("start"))
        if old[field] != new.get(field, 0 if field == "minReadySeconds" else None) and not (scaled or unset):
            yield f"spec.{field}"
    for field, value in _rolling(old).items():
        if _rolling(new).get(field) != value:
            yield f"spec.updateStrategy.rollingUpdate.{field}"
    if (old.get("updateStrategy") or {}).get("type", "RollingUpdate") != new["updateStrategy"]["type"]:
        yield "spec.updateStrategy.type"
    claims = [
        {each["metadata"]["name"]: each for each in spec.get("volumeClaimTemplates") or ()} for spec in (old, new)
    ]
    for name in sorted(claims[0].keys() | claims[1].keys()):
        if name not in claims[0] or name not in claims[1] or _seen(claims[0][name]) != _seen(claims[1][name]):
            yield f"spec.volumeClaimTemplates[{name}]"


def _rolling(spec: Mapping[str, Any]) -> Json:
    return dict((spec.get("updateStrategy") or {}).get("rollingUpdate") or {})


def _claim(claim: Json) -> Json:
    """A claim as a fragment: without its name, and what the API server or kubectl wrote into it."""
    metadata = claim["metadata"]
    kept = {
        "labels": own(metadata.get("labels"), OUR_LABELS),
        "annotations": own(metadata.get("annotations"), OUR_ANNOTATIONS),
    }
    meta = {key: value for key, value in kept.items() if value}
    return ({"metadata": meta} if meta else {}) | {"spec": claim["spec"]}


def _seen(claim: Json) -> Any:
    return values_of({**_claim(claim), "metadata": _claim(claim).get("metadata", {})})


def _problems(name: str, spec: Json) -> Iterator[Problem]:
    strategy, at = spec.get("updateStrategy") or {}, f"{name}: spec"
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        yield Problem(
            f"{at}.updateStrategy.type",
            f"it is {strategy['type']}: a pod gets a release when somebody deletes it",
            "no `up` could wait until the release is there, so nobody could say which one serves",
            "set RollingUpdate; `partition` holds pods back, for as long as it says",
        )
    if strategy.get("rollingUpdate", {}).get("maxUnavailable", 1) != 1:
        yield Problem(
            f"{at}.updateStrategy.rollingUpdate.maxUnavailable",
            f"it is {strategy['rollingUpdate']['maxUnavailable']}",
            "so many pods would be missing at once; a cluster in which that is not switched on drops it without a word",
            "take it out: pods are replaced one after the other",
        )
    if start := (spec.get("ordinals") or {}).get("start"):
        yield Problem(
            f"{at}.ordinals.start",
            f"it is {start}: the first pod is {name}-{start}",
            "it is for moving a set into another, pod by pod; `partition` and the claims are counted from 0 here",
            "take it out once the set has moved, and then take it over",
        )
