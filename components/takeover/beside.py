"""The Services, the autoscaler and the budget of a workload of others, as settings."""

from collections.abc import Mapping
from typing import Any

from components.manifests import beside
from components.podspec.diff import fragment_of
from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.settings.beside_rules import OUR_ANNOTATIONS, OUR_LABELS
from components.settings.fragment import SERVICE
from components.settings.scaled_object import KIND as SCALED_OBJECT
from components.strategies.rolling.settings import RollingSettings
from components.takeover.names import Names, renamed_scaler
from components.takeover.own import own
from components.takeover.scalers import of_version_2
from components.takeover.templates import without_null
from components.takeover.workloads import BUDGET, SCALERS, Workload
from components.takeover.workloads import name_of as _name

Json = dict[str, Any]
SCALER = SCALERS[0]
_META: Json = {"labels": {}, "annotations": {}}
_UNNAMED = "http"  # the program's name of the one port of a Service that names none


def beside_settings(one: Workload, main: str | None, settings: Json, parsed: RollingSettings, names: Names) -> Json:
    """The settings with the workload's Services, autoscaler and budget.

    Args:
        one: The workload, with its other objects.
        main: The Service that becomes the service's own.
        settings: The settings so far.
        parsed: The same as a model.
        names: The containers that are called otherwise, old name -> new one.

    Raises ConfigError.
    """
    _refuse_two(one)
    made = dict(settings)
    further: Json = {}
    for each in map(without_null, one.services):
        name = _name(each)
        if name == main:
            plain = beside.clients_service({"annotations": {}}, parsed, {}) | {"metadata": _META}
            if fragment := _tidy(fragment_of(plain, _wanted(each, plain, parsed), SERVICE)):
                made["service"] = fragment
        else:
            further[name] = fragment_of({}, _fragment(each, ("selector",)), SERVICE)
    if further:
        made["services"] = further
    if scaler := _first(one, SCALER):
        made["autoscaler"] = _fragment(renamed_scaler(of_version_2(scaler), names), ("scaleTargetRef",))
        made.pop("replicas", None)
    if scaler := _first(one, SCALED_OBJECT):
        made["autoscaler"] = {"kind": SCALED_OBJECT, **_fragment(renamed_scaler(scaler, names), ("scaleTargetRef",))}
        made.pop("replicas", None)
    if budget := _first(one, BUDGET):
        made["budget"] = _fragment(budget, ("selector",))
    return made


def _refuse_two(one: Workload) -> None:
    """A service has one of each: two autoscalers would set one number, two budgets forbid every eviction."""
    kinds = [_role(each) for each in one.beside]
    problems = [
        Problem(
            f"{one.name}: {kind}",
            f"there are {kinds.count(kind)}: " + ", ".join(_name(each) for each in one.beside if _role(each) == kind),
            "the cluster's controller gives up where two are about the same pods: no load and no drain would be heeded",
            "take over the one that is meant; put all metrics of a workload into one autoscaler",
        )
        for kind in dict.fromkeys(kinds)
        if kinds.count(kind) > 1
    ]
    if problems:
        raise ConfigError(problems)


def _role(item: Json) -> str:
    """A ScaledObject scales, as a HorizontalPodAutoscaler does, by one that KEDA makes."""
    return SCALER if item["kind"] in SCALERS else str(item["kind"])


def metadata_of(item: Mapping[str, Any]) -> Json:
    """The labels and annotations of an object that are its author's."""
    meta = item["metadata"]
    found = {
        "labels": own(meta.get("labels"), OUR_LABELS),
        "annotations": own(meta.get("annotations"), OUR_ANNOTATIONS),
    }
    return {key: value for key, value in found.items() if value}


def _fragment(item: Json, without: tuple[str, ...]) -> Json:
    spec = {key: value for key, value in item["spec"].items() if key not in without}
    meta = metadata_of(item)
    return ({"metadata": meta} if meta else {}) | ({"spec": spec} if spec else {})


def _wanted(service: Json, plain: Json, settings: RollingSettings) -> Json:
    """The original as the program would have to make it: what it decides, and defaults that it writes, put in."""
    spec = {"type": "ClusterIP", **service["spec"], "selector": {}}
    known = {(one["port"], one["protocol"]): one for one in plain["spec"]["ports"]}
    ports = []
    for port in spec.get("ports") or []:
        ours = known.get((port["port"], port.get("protocol", "TCP")))
        if ours and _same_target(port, ours, settings):
            port = {**port, "protocol": "TCP", "targetPort": ours["targetPort"], "name": port.get("name", _UNNAMED)}
        ports.append(port)
    return {"metadata": _META | metadata_of(service), "spec": spec | {"ports": ports}}


def _same_target(port: Json, ours: Json, settings: RollingSettings) -> bool:
    names = {settings.port_name: settings.port, **settings.ports}
    target = port.get("targetPort", port["port"])
    return bool(names.get(str(target), target) == names[ours["targetPort"]])


def _tidy(fragment: Json) -> Json:
    return {key: value for key, value in fragment.items() if value != {}}


def _first(one: Workload, kind: str) -> Json | None:
    return next((without_null(each) for each in one.beside if each["kind"] == kind), None)
