"""The rights that a deployer needs: those of docs/rbac.yaml, and which of them an identity lacks. Pure.

Kubernetes tells an identity its rules of a namespace at once; authorizers outside the API server may leave some out
(`incomplete`), so what seems to be missing is asked for one by one before it counts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.route_kinds import GROUP

_READ = ("get", "list", "watch")
_OWN = (*_READ, "create", "patch", "delete")
# (API group, resources, verbs), as in docs/rbac.yaml; a test holds both to be the same.
_NEEDED: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("apps", ("deployments", "replicasets"), _OWN),
    ("", ("services", "configmaps"), _OWN),
    ("policy", ("poddisruptionbudgets",), _OWN),
    ("autoscaling", ("horizontalpodautoscalers",), _OWN),
    ("batch", ("jobs",), _OWN),
    ("apps", ("deployments/scale", "replicasets/scale"), ("patch",)),
    ("", ("pods", "events", "endpoints", "replicationcontrollers", "persistentvolumeclaims"), _READ),
    ("discovery.k8s.io", ("endpointslices",), _READ),
    ("", ("services/proxy",), ("get",)),
    ("", ("pods",), ("delete",)),
)
_BY_LABEL = (("", ("pods",), ("patch",)),)  # only where a service has `cutover: labels`
_BY_ROUTE = ((GROUP, ("httproutes",), _OWN),)  # only where a service has a `route`
_BY_GRPC = ((GROUP, ("grpcroutes",), ("get", "patch")),)  # only where it is a GRPCRoute: one that exists
_BY_KEDA = (("keda.sh", ("scaledobjects",), _OWN),)  # only where a service's `autoscaler` is a ScaledObject
_FOR_RESTARTS = (("", ("pods/eviction",), ("create",)),)  # only for `cutover restart`
_BY_SET = (  # only where a service has `workload: stateful-set`
    ("apps", ("statefulsets",), _OWN),
    ("apps", ("statefulsets/scale",), ("patch",)),
)
_FOR_SECRETS = (("", ("secrets",), _OWN),)  # only where a service has `secrets`


@dataclass(frozen=True, order=True)
class Right:
    """One verb on one resource."""

    group: str
    resource: str
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}" + (f".{self.group}" if self.group else "")

    def review(self, namespace: str) -> dict[str, Any]:
        """The question to the API server, a SelfSubjectAccessReview."""
        resource, _, subresource = self.resource.partition("/")
        asked = {
            "namespace": namespace,
            "group": self.group,
            "resource": resource,
            "subresource": subresource,
            "verb": self.verb,
        }
        return {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in asked.items() if value}},
        }


def needed(
    *,
    by_label: bool = True,
    secrets: bool = True,
    routes: bool = True,
    grpc: bool = True,
    restarts: bool = True,
    sets: bool = True,
    keda: bool = True,
) -> tuple[Right, ...]:
    """All the rights, those for a cutover by labels, Secrets, HTTPRoutes, GRPCRoutes, restarts, StatefulSets and
    ScaledObjects too unless nobody needs them.
    """
    asked_for = (
        (_BY_LABEL, by_label),
        (_FOR_SECRETS, secrets),
        (_BY_ROUTE, routes),
        (_BY_GRPC, grpc),
        (_FOR_RESTARTS, restarts),
    )
    some = (*asked_for, (_BY_SET, sets), (_BY_KEDA, keda))
    listed = (*_NEEDED, *(right for rights, asked in some if asked for right in rights))
    return tuple(
        sorted({Right(group, name, verb) for group, names, verbs in listed for name in names for verb in verbs})
    )


def lacking(rules: Iterable[Mapping[str, Any]], wanted: Iterable[Right]) -> list[Right]:
    """The rights that the rules of a SelfSubjectRulesReview do not grant."""
    granting = [rule for rule in rules if not rule.get("resourceNames")]
    return [right for right in wanted if not any(_grants(rule, right) for rule in granting)]


def in_words(rights: Iterable[Right]) -> str:
    """Several rights, those of one resource together: `create, patch deployments.apps; get pods`."""
    return "; ".join(_by_resource(sorted(rights, key=lambda right: (right.resource, right.group, right.verb))))


def _by_resource(rights: Iterable[Right]) -> Iterator[str]:
    verbs: dict[tuple[str, str], list[str]] = {}
    for right in rights:
        verbs.setdefault((right.group, right.resource), []).append(right.verb)
    for (group, resource), listed in verbs.items():
        yield f"{', '.join(listed)} {resource}" + (f".{group}" if group else "")


def _grants(rule: Mapping[str, Any], right: Right) -> bool:
    def holds(key: str, value: str) -> bool:
        listed = rule.get(key) or []
        return "*" in listed or value in listed

    _, slash, subresource = right.resource.partition("/")
    resource = holds("resources", right.resource) or (
        bool(slash) and f"*/{subresource}" in (rule.get("resources") or [])
    )
    return holds("verbs", right.verb) and holds("apiGroups", right.group) and resource
