"""Fragments of objects of Kubernetes in the settings: their types, and the rules that need nothing but a fragment."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import WithJsonSchema

from components.podspec.check import Finding, findings
from components.settings.base import Fault, Rule, Values
from components.settings.content_rules import releases_of

Path = tuple[str | int, ...]
SERVICE, AUTOSCALER, BUDGET = "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"
CLAIM = "PersistentVolumeClaim"
SCHEMA_NAMES = ("PodTemplateSpec", SERVICE, AUTOSCALER, BUDGET, CLAIM)
"""Types of Kubernetes that a fragment may be of: what its JSON Schema is found by."""


def _schema(kind: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "object", "$comment": kind})


Fragment = Annotated[dict[str, Any], _schema(SCHEMA_NAMES[0])]
ServiceFragment = Annotated[dict[str, Any], _schema(SERVICE)]
AutoscalerFragment = Annotated[dict[str, Any], _schema(AUTOSCALER)]
BudgetFragment = Annotated[dict[str, Any], _schema(BUDGET)]
ClaimFragment = Annotated[dict[str, Any], _schema(CLAIM)]

# What people look for in a pod template, and where it is instead.
_ELSEWHERE = {
    "replicas": "write replicas beside pod",
    "strategy": "write max_surge and max_unavailable beside pod",
    "minReadySeconds": "write min_ready_seconds beside pod",
    "progressDeadlineSeconds": "write progress_deadline_seconds beside pod",
    "revisionHistoryLimit": "write revision_history_limit beside pod",
    "selector": "the pods are found by labels that the program gives them",
    "template": "write metadata and spec of the template itself below pod",
}


def _known_to_kubernetes(values: Values) -> Iterator[Fault]:
    """`pod` holds fields of a pod template as Kubernetes names them, each of its type (docs/pods.md)."""
    for found in findings(values["pod"]) if values["pod"] else ():
        yield Fault(("pod", *found.at), found.what, found.why, _elsewhere(found) or found.fix)


def _elsewhere(found: Finding) -> str:
    name = found.at[-1] if found.at else ""
    if "is no field" not in found.what or len(found.at) > 2 or name not in _ELSEWHERE:
        return ""
    return f"remove it; {_ELSEWHERE[str(name)]}"


def fragments_of(values: Values) -> Iterator[tuple[Path, Mapping[str, Any], Any]]:
    """Each fragment of a service whose types are right: where it is, the fragment, and the release that it is of."""
    owners: list[tuple[Path, Any]] = [((), None), *releases_of(values)]
    for at, release in owners:
        fragment = release.pod if release else values["pod"]
        if fragment and not findings(fragment):
            yield (*at, "pod"), fragment, release


FRAGMENT_RULES: tuple[Rule, ...] = (Rule(("pod",), _known_to_kubernetes),)
