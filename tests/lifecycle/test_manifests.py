"""Every manifest that the components can make, checked by the API server: strictly, as the deployer, "restricted"."""

import httpx2
import pytest
import yaml

from tests.lifecycle import services
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import REPOSITORY, V1
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]

RIGHTS = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
IMAGE = {"image": f"{REPOSITORY}:{V1}", "securityContext": RIGHTS}
POD = {
    "metadata": {"annotations": {"example.com/team": "shop"}, "labels": {"team": "shop"}},
    "spec": {
        "hostAliases": [{"ip": "127.0.0.2", "hostnames": ["shop.example"]}],
        "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}],
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "initContainers": [
            {"name": "first", "args": ["--help"], "resources": {"requests": {"cpu": "0.005"}}, **IMAGE},
            {"name": "native", "args": ["--port=9797"], "restartPolicy": "Always", **IMAGE},
        ],
        "containers": [
            {
                "name": "app",
                "env": [
                    {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
                    {"name": "LIMIT", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}},
                ],
                "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
                "ports": [{"containerPort": 9999}],
            },
            {"name": "beside", "args": ["--port=9696"], **IMAGE},
        ],
        "volumes": [
            {"name": "cache", "emptyDir": {"sizeLimit": "1024Mi"}},
            {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}},
        ],
    },
}
EVERYTHING = {
    "pod": POD,
    "ports": {"metrics": 9797},
    "service_port": 8080,
    "config": {"PODINFO_UI_MESSAGE": "hello"},
    "config_files": {"/etc/shop/app.yaml": "a: 1\n", "/data/b c": ""},
    "secrets": {"PASSWORD": "db"},
    "args": ["--port=9898"],
    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
    "liveness": {"kind": "tcp", "port": "metrics", "failure_threshold": 10},
    "startup": {"path": "/healthz", "headers": {"X-Probe": "1"}, "period_seconds": 1, "failure_threshold": 30},
    "min_ready_seconds": 1,
    "termination_grace_seconds": 20,
    "writable_paths": ["/tmp", "/data"],  # noqa: S108 - in the pod
    "env_from_config_maps": ["given"],
}
JOB = {"image": f"{REPOSITORY}:{V1}", "args": ["--help"], "env": {"A": "b"}, "retries": 1}
SCALE = {"min_replicas": 2, "max_replicas": 3}


def test_the_api_server_knows_every_field(stack: Stack, namespace: Namespace, admin: httpx2.Client) -> None:
    namespace.create_object("configmaps", {"metadata": {"name": "given"}, "data": {"GIVEN": "yes"}})
    for workload in ("deployment", "replica-set"):
        stack.services[workload] = services.blue_green(workload, smoke_job=JOB, expose_both=True, **EVERYTHING)
    stack.services["app"] = services.rolling(replicas=None, autoscale=SCALE, **EVERYTHING)
    stack.services["worker"] = services.rolling(port=None, readiness="none")
    stack.keep_secret("db", "hidden")
    stack.must_up()
    assert set(stack.must_up().changes) == {"same"}
    kinds = set()
    for row in stack.resources():
        if not row["type"].startswith("kubernetes:"):
            continue
        manifest = {key: value for key, value in row["inputs"].items() if not key.startswith("__")}
        kinds.add(manifest["kind"])
        if manifest["kind"] == "Secret":
            assert "ciphertext" in manifest.pop("data")
        path = namespace.path(
            {"HorizontalPodAutoscaler": "horizontalpodautoscalers", "PodDisruptionBudget": "poddisruptionbudgets"}.get(
                manifest["kind"], manifest["kind"].lower() + "s"
            ),
            manifest["metadata"]["name"],
        )
        answer = admin.patch(
            path,
            content=yaml.safe_dump(manifest),
            params={"fieldManager": "strict", "fieldValidation": "Strict", "force": "true", "dryRun": "All"},
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        assert answer.status_code == 200, answer.text
        assert "Warning" not in answer.headers, answer.headers["Warning"]
    assert kinds == {
        "ConfigMap",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Job",
        "PodDisruptionBudget",
        "ReplicaSet",
        "Secret",
        "Service",
    }
