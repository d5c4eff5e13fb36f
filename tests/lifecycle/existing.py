"""A workload as kubectl or Helm made it, before anybody thought of cutover: a Deployment without a pause, a Service."""

import copy
import json
from typing import Any

from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import REPOSITORY, V1

Json = dict[str, Any]

NAME = "web"
SELECTOR = {"app": "web", "tier": "front"}
HELM = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web"}
KUBECTL, HELMS = "kubectl-client-view-apply", "helm"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def _deployment(selector: Json, tag: str) -> Json:
    closed = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True}
    container = {
        "name": "podinfo",
        "image": f"{REPOSITORY}:{tag}",
        "ports": [{"name": "web", "containerPort": 9898}],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "web"}, "periodSeconds": 1, "timeoutSeconds": 10},
        "securityContext": {**closed, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "labels": dict(selector), "annotations": {"example.com/team": "shop"}},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": dict(selector)},
            "template": {"metadata": {"labels": dict(selector)}, "spec": {"containers": [container]}},
        },
    }


def _service(selector: Json) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "labels": dict(selector), "annotations": {"example.com/dns": "shop.example.com"}},
        "spec": {
            "type": "NodePort",
            "selector": dict(selector),
            "sessionAffinity": "None",
            "ports": [{"name": "www", "port": 80, "targetPort": "web"}],
        },
    }


def make(namespace: Namespace, *, manager: str = KUBECTL, tag: str = V1) -> None:
    """The Deployment of three pods and its Service, as `manager` leaves them; returns when all pods are ready."""
    selector = HELM if manager == HELMS else SELECTOR
    for plural, made in (("deployments", _deployment(selector, tag)), ("services", _service(selector))):
        body = copy.deepcopy(made)
        if manager == KUBECTL:
            body["metadata"]["annotations"][LAST_APPLIED] = json.dumps(made)
        namespace.create_object(plural, body, manager=manager)
    eventually("the pods", lambda: namespace.get("deployments", NAME).get("status", {}).get("readyReplicas") == 3)


def pods(namespace: Namespace, selector: Json = SELECTOR) -> list[Json]:
    """Its pods, without those on their way out."""
    return [pod for pod in namespace.items("pods", selector) if "deletionTimestamp" not in pod["metadata"]]


def restarts(found: list[Json]) -> int:
    """How often their containers were started again."""
    return sum(status["restartCount"] for pod in found for status in pod["status"]["containerStatuses"])
