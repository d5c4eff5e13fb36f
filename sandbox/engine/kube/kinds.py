"""Kinds: their REST paths (from discovery, cached per client) and which of them live in a namespace."""

from typing import Any


def words(text: str) -> frozenset[str]:
    """Read a table of names."""
    return frozenset(text.split())


# Kinds of Kubernetes' own API groups outside namespaces: known here so that a plan needs no call to the cluster.
CLUSTER_SCOPED = words(
    """
    APIService CertificateSigningRequest ClusterRole ClusterRoleBinding CSIDriver CSINode ClusterTrustBundle
    CustomResourceDefinition DeviceClass FlowSchema IPAddress IngressClass MutatingAdmissionPolicy
    MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node PersistentVolume PriorityClass
    PriorityLevelConfiguration RuntimeClass ServiceCIDR StorageClass ValidatingAdmissionPolicy
    ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass
    """
)
_BUILT_IN = frozenset({"", "apps", "autoscaling", "batch", "policy"})


def group_of(api_version: str) -> str:
    """Return the API group, empty for the core one."""
    return api_version.rpartition("/")[0]


def is_built_in(api_version: str) -> bool:
    """Whether the group is Kubernetes' own, so that its scopes are known."""
    group = group_of(api_version)
    return group in _BUILT_IN or group.endswith(".k8s.io")


def base_path(api_version: str) -> str:
    """Return the URL path of a group and version."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def type_token(type_: str) -> tuple[str, str]:
    """Split `kubernetes:apps/v1:Deployment` into apiVersion and kind; the core group is spelled `core/v1`."""
    _, group_version, kind = type_.split(":", 2)
    return group_version.removeprefix("core/"), kind


def is_patch(type_: str, kind: str) -> bool:
    """Whether the type is one of the SDK's Patch resources, whose token ends in Patch while the kind does not."""
    return type_.endswith("Patch") and not kind.endswith("Patch")


def to_kube(value: Any) -> Any:
    """Spell `x_kubernetes_*` keys of CRD schemas as the API server does."""
    return _rename(value, "x_kubernetes_", "_", "-")


def from_kube(value: Any) -> Any:
    """Spell `x-kubernetes-*` keys as the SDK does."""
    return _rename(value, "x-kubernetes-", "-", "_")


def _rename(value: Any, prefix: str, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {
            (key.replace(old, new) if key.startswith(prefix) else key): _rename(item, prefix, old, new)
            for key, item in value.items()
        }
    return [_rename(item, prefix, old, new) for item in value] if isinstance(value, list) else value
