"""Objects that were there before: imported, and left as they are but for the selector of the Service.

An import fails where a declared field differs from the live object, so what is not ours is ignored, path by path. With
server-view apply an ignored field that another manager owns is left out of the patch. The provider takes over what
`kubectl apply` owned: an ignored field of that kind is sent as it is live. Either way the field stays.
"""

from collections.abc import Mapping
from typing import Any

from components.manifests.objects import Manifest
from components.manifests.workload import SKIP_AWAIT, TAKE_OVER, identity
from contract.annotations import PREFIX

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_METADATA = ["metadata.labels", "metadata.finalizers", "metadata.ownerReferences", "metadata.generateName"]
ANNOTATIONS = "metadata.annotations"
WORKLOAD_IGNORED = ["spec", ANNOTATIONS, *_METADATA]
SERVICE_IGNORED = [
    *_METADATA,
    *(
        f"spec.{field}"
        for field in (
            "allocateLoadBalancerNodePorts",
            "clusterIP",
            "clusterIPs",
            "externalIPs",
            "externalName",
            "externalTrafficPolicy",
            "healthCheckNodePort",
            "internalTrafficPolicy",
            "ipFamilies",
            "ipFamilyPolicy",
            "loadBalancerClass",
            "loadBalancerIP",
            "loadBalancerSourceRanges",
            "ports",
            "publishNotReadyAddresses",
            "sessionAffinity",
            "sessionAffinityConfig",
            "trafficDistribution",
            "type",
        )
    ),
]


def import_id(namespace: str, name: str) -> str:
    """How the provider calls an object that it is to import."""
    return f"{namespace}/{name}"


def adopted_workload(name: str, namespace: str) -> Manifest:
    """A Deployment of somebody else's making: only its name is declared."""
    return {"metadata": {"name": name, "namespace": namespace}}


def adopted_service(name: str, namespace: str, selector: Mapping[str, str], annotations: Any = None) -> Manifest:
    """A Service of somebody else's making: its selector is declared, and where one is given its annotations."""
    meta: dict[str, Any] = {"name": name, "namespace": namespace}
    if annotations is not None:
        meta["annotations"] = annotations
    return {"metadata": meta, "spec": {"selector": dict(selector)}}


def kept_annotations(live: Mapping[str, str]) -> dict[str, str]:
    """The annotations of an adopted Service from its first cutover on: those it has, and those that we need.

    What `kubectl apply` noted goes: the object is not its own any more.
    """
    theirs = {key: value for key, value in live.items() if key != LAST_APPLIED and not key.startswith(PREFIX)}
    return {**theirs, **TAKE_OVER, **SKIP_AWAIT, **identity()}
