"""The rights that a deployer needs: those of docs/rbac.yaml, and which of them an identity lacks. Pure.

Kubernetes tells an identity its rules of a namespace at once; authorizers outside the API server may leave some out
(`incomplete`), so what seems to be missing is asked for one by one before it counts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.route_kinds import GRPC, HTTP, VIRTUAL

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
ONLY_FOR: Mapping[str, tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = {
    "cutover by labels": (("", ("pods",), ("patch",)),),
    "metadata by role": (("", ("pods",), ("patch",)),),
    "secrets": (("", ("secrets",), _OWN),),
    HTTP.name: ((HTTP.group, (HTTP.plural,), _OWN),),
    GRPC.name: ((GRPC.group, (GRPC.plural,), _OWN),),
    VIRTUAL.name: ((VIRTUAL.group, (VIRTUAL.plural,), _OWN),),
    "KEDA": (("keda.sh", ("scaledobjects",), _OWN),),
    "restart": (("", ("pods/eviction",), ("create",)),),
    "stateful sets": (("apps", ("statefulsets",), _OWN), ("apps", ("statefulsets/scale",), ("patch",))),
    "preview pods": (("", ("pods/proxy",), ("get",)),),  # of a rolling service with `smoke`
}
"""What only some stacks need, by what they need it for."""


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


def needed(uses: Iterable[str] = ONLY_FOR) -> tuple[Right, ...]:
    """The rights that every stack needs, and those for what it `uses` (ONLY_FOR): all of it unless given."""
    listed = (*_NEEDED, *(right for use in uses for right in ONLY_FOR[use]))
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
