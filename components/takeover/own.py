"""The labels and annotations that the author of an object gave it, without those of tools. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from components.settings.beside_rules import OUR_ANNOTATIONS, OUR_LABELS

_NOTED = ("kubectl.kubernetes.io/last-applied-configuration",)
_OF_TOOLS = (  # by which a tool knows what it made, and may delete
    "deployment.kubernetes.io/",
    "meta.helm.sh/",
    "argocd.argoproj.io/tracking-id",
    "argocd.argoproj.io/instance",
    "kustomize.toolkit.fluxcd.io/",
    "helm.toolkit.fluxcd.io/",
    "objectset.rio.cattle.io/",
)


def own(entries: Mapping[str, Any] | None, ours: Iterable[str]) -> dict[str, Any]:
    """Labels or annotations without those that the program gives itself, or that kubectl noted."""
    return {
        key: value for key, value in (entries or {}).items() if not key.startswith(tuple(ours)) and key not in _NOTED
    }


def described(workload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The `labels` and `annotations` of a Deployment or StatefulSet itself; neither where there is none."""
    meta = workload["metadata"]
    found = {
        "labels": own(meta.get("labels"), (*OUR_LABELS, *_OF_TOOLS)),
        "annotations": own(meta.get("annotations"), (*OUR_ANNOTATIONS, *_OF_TOOLS)),
    }
    return {part: entries for part, entries in found.items() if entries}
