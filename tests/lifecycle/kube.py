"""The cluster as the tests see it: an administrator's requests to the API server, plain JSON in and out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import yaml
from lightkube.config.client_adapter import AsyncClient, Client, ConnectionParams
from lightkube.config.kubeconfig import KubeConfig, SingleConfig

from tests.patience import eventually as eventually  # the tests of this folder take it from here

Json = dict[str, Any]

RBAC = Path(__file__).resolve().parents[2] / "docs" / "rbac.yaml"
DEPLOYER = "cutover-deployer"

_GROUPS = {
    "configmaps": "/api/v1",
    "endpointslices": "/apis/discovery.k8s.io/v1",
    "deployments": "/apis/apps/v1",
    "destinationrules": "/apis/networking.istio.io/v1",
    "grpcroutes": "/apis/gateway.networking.k8s.io/v1",
    "horizontalpodautoscalers": "/apis/autoscaling/v2",
    "scaledobjects": "/apis/keda.sh/v1alpha1",
    "httproutes": "/apis/gateway.networking.k8s.io/v1",
    "jobs": "/apis/batch/v1",
    "persistentvolumeclaims": "/api/v1",
    "poddisruptionbudgets": "/apis/policy/v1",
    "pods": "/api/v1",
    "replicasets": "/apis/apps/v1",
    "resourcequotas": "/api/v1",
    "rolebindings": "/apis/rbac.authorization.k8s.io/v1",
    "secrets": "/api/v1",
    "roles": "/apis/rbac.authorization.k8s.io/v1",
    "serviceaccounts": "/api/v1",
    "services": "/api/v1",
    "statefulsets": "/apis/apps/v1",
    "virtualservices": "/apis/networking.istio.io/v1",
}


@dataclass(frozen=True)
class Kubernetes:
    """A cluster that the tests may make namespaces in. `traffic` is False where pods answer no requests."""

    name: str
    config: SingleConfig
    traffic: bool

    def connect(self) -> httpx2.Client:
        """A connection as administrator."""
        return Client(self.config, ConnectionParams(trust_env=False))

    def connect_async(self) -> httpx2.AsyncClient:
        """The same for an event loop."""
        return AsyncClient(self.config, ConnectionParams(trust_env=False))

    def kubeconfig(self, namespace: str, token: str) -> str:
        """A kubeconfig for this cluster with another identity."""
        cluster = self.config.cluster
        entry: Json = {"server": cluster.server}
        if cluster.certificate_auth_data:
            entry["certificate-authority-data"] = cluster.certificate_auth_data
        elif cluster.certificate_auth:
            entry["certificate-authority"] = str(self.config.abs_file(cluster.certificate_auth))
        if cluster.insecure:
            entry["insecure-skip-tls-verify"] = True
        context = {"cluster": "c", "user": "deployer", "namespace": namespace}
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": entry}],
                "users": [{"name": "deployer", "user": {"token": token}}],
                "contexts": [{"name": "c", "context": context}],
                "current-context": "c",
            }
        )


def named(path: Path, context: str | None, *, name: str, traffic: bool) -> Kubernetes:
    """The cluster of a kubeconfig."""
    config = KubeConfig.from_file(path).get(context)
    assert config is not None, f"{path} has no context {context!r}"
    return Kubernetes(name, config, traffic)


class Namespace:
    """One namespace, seen and changed as administrator."""

    def __init__(self, http: httpx2.Client, name: str) -> None:
        self.name = name
        self._http = http

    @classmethod
    def create(cls, http: httpx2.Client, name: str, standard: str = "restricted") -> "Namespace":
        """A new namespace that admits only pods of a standard of pod security, with the deployer's Role in it."""
        labels = {"pod-security.kubernetes.io/enforce": standard, "cutover.dev/test": "lifecycle"}
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        http.post("/api/v1/namespaces", json=body).raise_for_status()
        made = cls(http, name)
        made.apply(RBAC)
        eventually("the namespace's default ServiceAccount", lambda: made.find("serviceaccounts", "default"))
        return made

    def delete(self) -> None:
        """Begin to delete the namespace; nobody waits for it."""
        self._http.delete(f"/api/v1/namespaces/{self.name}")

    def apply(self, file: Path) -> None:
        """Make the objects of a file of docs/."""
        for document in yaml.safe_load_all(file.read_text()):
            self.create_object(document["kind"].lower() + "s", document)

    def token(self, account: str = DEPLOYER) -> str:
        """A token of a ServiceAccount, the deployer's unless named."""
        body = {"spec": {"expirationSeconds": 3600}}
        answer = self._http.post(self.path("serviceaccounts", f"{account}/token"), json=body)
        return str(answer.raise_for_status().json()["status"]["token"])

    def path(self, plural: str, name: str = "") -> str:
        """The address of one object, or of all of a kind."""
        return f"{_GROUPS[plural]}/namespaces/{self.name}/{plural}" + (f"/{name}" if name else "")

    def listed(self, plural: str, labels: Mapping[str, str] | None = None) -> Json:
        """The list of a kind, with its resourceVersion."""
        params = {"labelSelector": ",".join(f"{key}={value}" for key, value in (labels or {}).items())}
        found: Json = self._http.get(self.path(plural), params=params).raise_for_status().json()
        return found

    def items(self, plural: str, labels: Mapping[str, str] | None = None) -> list[Json]:
        """All objects of a kind."""
        items: list[Json] = self.listed(plural, labels)["items"]
        return items

    def names(self, plural: str) -> list[str]:
        """Their names, sorted."""
        return sorted(item["metadata"]["name"] for item in self.items(plural))

    def find(self, plural: str, name: str) -> Json | None:
        """One object; None where there is none."""
        answer = self._http.get(self.path(plural, name))
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def get(self, plural: str, name: str) -> Json:
        """One object that has to be there."""
        found = self.find(plural, name)
        assert found is not None, f"no {plural}/{name} in {self.name}"
        return found

    def create_object(self, plural: str, body: Json, *, manager: str = "") -> None:
        """Create an object; `manager` is the field manager, such as kubectl's."""
        params = {"fieldManager": manager} if manager else {}
        self._http.post(self.path(plural), json=body, params=params).raise_for_status()

    def patch(self, plural: str, name: str, body: Any, *, part: str = "", manager: str = "kubectl-patch") -> None:
        """A merge patch by hand (a JSON patch where `body` is a list), as kubectl would send it."""
        kind = "json-patch" if isinstance(body, list) else "merge-patch"
        headers = {"Content-Type": f"application/{kind}+json"}
        path = self.path(plural, name) + (f"/{part}" if part else "")
        params = {"fieldManager": manager}
        self._http.patch(path, json=body, params=params, headers=headers).raise_for_status()

    def let_read_logs(self) -> None:
        """Give the deployer the right to read logs, which its Role leaves out."""
        (role,) = self.items("roles")
        logs = {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]}
        self.patch("roles", role["metadata"]["name"], {"rules": [*role["rules"], logs]})

    def delete_object(self, plural: str, name: str) -> None:
        """Delete an object."""
        self._http.delete(self.path(plural, name)).raise_for_status()

    def ask_pod(self, name: str, path: str, *, method: str = "GET", port: int = 9898) -> str:
        """Send a request to one pod through the API server."""
        url = self.path("pods", f"{name}:{port}/proxy/{path.lstrip('/')}")
        return self._http.request(method, url).raise_for_status().text

    def make_unready(self, *names: str) -> None:
        """Tell these pods, of podinfo, not to be ready any more."""
        for name in names:
            self.ask_pod(name, "readyz/disable", method="POST")

    def resource_version(self) -> int:
        """The cluster's newest revision. Numbers of different kinds compare, as all are in one etcd."""
        return int(self.listed("configmaps")["metadata"]["resourceVersion"])
