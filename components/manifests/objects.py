"""The Kubernetes objects of the components, as Pulumi resources with a plain manifest.

`pulumi_kubernetes.core.v1` takes 0.8 s to import, more than the rest of an `up` of this program together, and brings
only typed arguments (docs/adr/0002). The resources here have the same type tokens, the same provider and the same
state as its classes, so either can follow the other; a test has the API server check every field of every manifest.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import pulumi
from pulumi_kubernetes import _utilities

from components.manifests.registration import few_frames

Manifest = dict[str, Any]


class KubernetesObject(pulumi.CustomResource):
    """One object of the cluster: `manifest` is what `kubectl apply` would take, keys in camelCase.

    It is registered once what it `follows` is made, of which the state keeps nothing. An edge that another `active`
    turns round may not be in the state: an `up --target` walks the old edges and then meets the same resource twice
    ("Duplicate resource URN", pulumi/pulumi#24303).
    """

    api_version: ClassVar[str]
    kind: ClassVar[str]

    metadata: pulumi.Output[dict[str, Any]]
    object_name: str
    """The object's name in the cluster."""

    def __init__(
        self, name: str, manifest: Manifest, opts: pulumi.ResourceOptions, follows: Sequence[pulumi.Resource] = ()
    ) -> None:
        self.object_name: str = manifest["metadata"]["name"]
        if follows:
            metadata: Manifest = manifest["metadata"]
            made: pulumi.Output[bool] = pulumi.Output.from_input(_made(follows))
            manifest = {**manifest, "metadata": made.apply(lambda _: metadata)}
        group = self.api_version if "/" in self.api_version else f"core/{self.api_version}"
        options = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
        with few_frames():
            super().__init__(
                f"kubernetes:{group}:{self.kind}",
                name,
                {"apiVersion": self.api_version, "kind": self.kind, **manifest},
                options,
            )


async def _made(followed: Sequence[pulumi.Resource]) -> bool:
    for resource in followed:
        await resource.urn.future()
    return True


class Deployment(KubernetesObject):
    """apps/v1 Deployment."""

    api_version = "apps/v1"
    kind = "Deployment"


class StatefulSet(KubernetesObject):
    """apps/v1 StatefulSet."""

    api_version = "apps/v1"
    kind = "StatefulSet"


class ReplicaSet(KubernetesObject):
    """apps/v1 ReplicaSet."""

    api_version = "apps/v1"
    kind = "ReplicaSet"


class Service(KubernetesObject):
    """v1 Service."""

    api_version = "v1"
    kind = "Service"


class ConfigMap(KubernetesObject):
    """v1 ConfigMap."""

    api_version = "v1"
    kind = "ConfigMap"


class HTTPRoute(KubernetesObject):
    """gateway.networking.k8s.io/v1 HTTPRoute."""

    api_version = "gateway.networking.k8s.io/v1"
    kind = "HTTPRoute"


class ScaledObject(KubernetesObject):
    """keda.sh/v1alpha1 ScaledObject."""

    api_version = "keda.sh/v1alpha1"
    kind = "ScaledObject"


class GRPCRoute(KubernetesObject):
    """gateway.networking.k8s.io/v1 GRPCRoute."""

    api_version = "gateway.networking.k8s.io/v1"
    kind = "GRPCRoute"


class VirtualService(KubernetesObject):
    """networking.istio.io/v1 VirtualService."""

    api_version = "networking.istio.io/v1"
    kind = "VirtualService"


class Secret(KubernetesObject):
    """v1 Secret. Its `data` reaches the engine as a secret: encrypted in the state, `[secret]` wherever it is shown."""

    api_version = "v1"
    kind = "Secret"

    def __init__(self, name: str, manifest: Manifest, opts: pulumi.ResourceOptions) -> None:
        hidden = pulumi.ResourceOptions(additional_secret_outputs=["data", "stringData"])
        super().__init__(
            name,
            {**manifest, "data": pulumi.Output.secret(manifest["data"])},
            pulumi.ResourceOptions.merge(opts, hidden),
        )


class Job(KubernetesObject):
    """batch/v1 Job."""

    api_version = "batch/v1"
    kind = "Job"


class PodDisruptionBudget(KubernetesObject):
    """policy/v1 PodDisruptionBudget."""

    api_version = "policy/v1"
    kind = "PodDisruptionBudget"


class HorizontalPodAutoscaler(KubernetesObject):
    """autoscaling/v2 HorizontalPodAutoscaler."""

    api_version = "autoscaling/v2"
    kind = "HorizontalPodAutoscaler"


def edges_of(after: Sequence[pulumi.Resource]) -> tuple[list[pulumi.Resource], list[pulumi.Resource]]:
    """What a Service comes after: the edges of the state, and the workloads, which it only `follows`. With an edge an
    `up --target` of the Service would refuse a workload that changes.
    """
    workloads: list[pulumi.Resource] = [one for one in after if isinstance(one, Deployment | ReplicaSet)]
    return [one for one in after if one not in workloads], workloads
