"""The comparison of a workload's other objects before and after a takeover: each difference is a line."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.manifests import beside, workload
from components.manifests.content import NOTHING
from components.manifests.pod import pod_template
from components.settings.parse import from_fields
from components.strategies.rolling.settings import RollingSettings
from components.takeover.beside import SCALER, metadata_of
from components.takeover.entry import Taken
from components.takeover.followers import following
from components.takeover.names import new_names, renamed_scaler, unknown_notes
from components.takeover.own import described
from components.takeover.scalers import of_version_2
from components.takeover.sets import lost_of_set
from components.takeover.templates import losses, without_null
from components.takeover.workloads import BUDGET, SCALERS, Workload

Json = dict[str, Any]
_META: Json = {"labels": {}, "annotations": {}}
# The defaults that the API server writes (k8s.io/kubernetes, pkg/apis/core/v1/defaults.go, autoscaling/v2/defaults.go).
_DEFAULTS: Mapping[str, Json] = {
    "Service": {
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "ipFamilyPolicy": "SingleStack",
    },
    SCALER: {"minReplicas": 1},
    BUDGET: {},
}
_NOT_COMPARED = ("selector", "scaleTargetRef", "ports")


def lost_of(one: Workload, made: Taken) -> list[str]:
    """All paths at which what the program makes of a taken over workload differs from the original."""
    settings = from_fields(RollingSettings, made.settings, made.name)
    again = pod_template(settings, settings.release, labels={}, spread={}, content=NOTHING)
    original = following(without_null(one.template), made.name)
    return [
        *losses(original, again, made.container),
        *unknown_notes(original, made.container),
        *_lost_of_itself(one, settings),
        *_lost(one, made, settings, again),
    ]


def _lost_of_itself(one: Workload, settings: RollingSettings) -> Iterator[str]:
    for part, kept in (("labels", settings.workload_labels), ("annotations", settings.workload_annotations)):
        if described(one.item).get(part, {}) != kept:
            yield f"metadata.{part}"


def _lost(one: Workload, taken: Taken, settings: RollingSettings, template: Json) -> Iterator[str]:
    main, names = taken.main, new_names(one.template["spec"]["containers"], taken.container)
    yield from lost_of_set(one, settings) if one.stateful else _deployment(one.item["spec"], settings)
    before, after = _numbers(without_null(one.template)), _numbers(template)
    for service in one.services:
        name = str(service["metadata"]["name"])
        if name == main:
            made = beside.clients_service(dict(_META), settings, {})
        elif name in settings.services:
            made = beside.further_service(dict(_META), settings, {}, settings.services[name])
        else:
            yield f"Service {name}"
            continue
        yield from _differing("Service", service, made)
        old, new = (_ports(item, numbers) for item, numbers in ((service, before), (made, after)))
        if name == main:
            new = [{**port, "name": ""} if len(old) == 1 and not old[0]["name"] else port for port in new]
        if old != new:
            yield f"Service {name}: spec.ports"
    for each in one.beside:
        if each["kind"] in SCALERS:
            scale = beside.autoscaler(dict(_META), settings.autoscale, settings.autoscaler, "", "")
            old_scale = renamed_scaler(of_version_2(each) if each["kind"] == SCALER else each, names)
            yield from _differing(each["kind"], old_scale, scale)
            target = each["spec"].get("scaleTargetRef") or {}
            if "envSourceContainerName" in target:
                yield f"{each['kind']} {each['metadata']['name']}: spec.scaleTargetRef.envSourceContainerName"
        elif not beside.wants_budget(settings, settings.fewest):
            yield f"{BUDGET} {each['metadata']['name']}"
        else:
            yield from _differing(BUDGET, each, beside.disruption_budget(dict(_META), {}, settings.budget))


def _deployment(old: Json, settings: RollingSettings) -> Iterator[str]:
    """What a Deployment says beside its template; a number that it leaves to Kubernetes may be ours."""
    made = workload.deployment({}, settings, {}, {}, settings.replicas, recreate=settings.update == "recreate")["spec"]
    scaled = settings.scaling is not None
    for field in ("replicas", "minReadySeconds", "progressDeadlineSeconds", "revisionHistoryLimit"):
        if old.get(field) not in (None, made.get(field, 0)) and not (scaled and field == "replicas"):
            yield f"spec.{field}"
    strategy = old.get("strategy") or {}
    if strategy.get("type", "RollingUpdate") != made["strategy"]["type"]:
        yield "spec.strategy.type"
    for field, value in (strategy.get("rollingUpdate") or {}).items():
        if made["strategy"]["rollingUpdate"][field] != value:
            yield f"spec.strategy.rollingUpdate.{field}"


def _differing(kind: str, old: Json, new: Json) -> Iterator[str]:
    name = old["metadata"]["name"]
    for part in ("labels", "annotations"):
        before, after = metadata_of(without_null(old)).get(part), metadata_of(new).get(part)
        if before != after:
            yield f"{kind} {name}: metadata.{part}"
    specs = [{**_DEFAULTS.get(kind, {}), **without_null(item["spec"])} for item in (old, new)]
    for field in sorted(specs[0].keys() | specs[1].keys()):
        if field not in _NOT_COMPARED and specs[0].get(field) != specs[1].get(field):
            yield f"{kind} {name}: spec.{field}"


def _numbers(template: Json) -> dict[tuple[str, str], int]:
    """The number that a Service finds by the name of a port and its protocol: that of the first container that has it,
    and of native sidecars after all others (k8s.io/kubernetes, pkg/api/v1/pod/util.go, FindPort).
    """
    spec, made = template["spec"], dict[tuple[str, str], int]()
    sidecars = [one for one in spec.get("initContainers") or () if one.get("restartPolicy") == "Always"]
    for one in (*spec["containers"], *sidecars):
        for port in one.get("ports") or ():
            if "name" in port:
                made.setdefault((port["name"], port.get("protocol", "TCP")), port["containerPort"])
    return made


def _ports(service: Json, numbers: Mapping[tuple[str, str], int]) -> list[Json]:
    made = []
    for port in without_null(service["spec"]).get("ports") or []:
        target = port.get("targetPort", port["port"])
        number = numbers.get((target, port.get("protocol", "TCP")), target)
        made.append({"protocol": "TCP", **port, "name": port.get("name", ""), "targetPort": number})
    return sorted(made, key=lambda port: (port["port"], port["protocol"]))
