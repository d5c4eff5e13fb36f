"""The cluster as checks, routers and drains use it: their questions, and their few writes.

They end a pod, note a finished cutover, move a live Service back, attach and detach pods by a label, scale a color, run
a Job around a release. Everything here needs a namespaced Role only (docs/rbac.yaml).
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from components.cluster import autoscalers, roles, rollouts, routes, service_proxy, trial
from components.cluster.connection import Connection
from components.cluster.namespace import Namespace
from components.cluster.readings import (
    has_ended,
    read_endpoint,
    read_existing,
    read_last_words,
    read_live_service,
    read_pod,
    read_time,
)
from components.cluster.set_readings import read_live_set
from components.cluster.workload_readings import newest_set, read_job, read_replica_set, read_rollout, read_workload
from components.rules.attachment import ReplicaSet
from components.rules.errors import ClusterRefused
from components.rules.facts import Autoscaler, Endpoint, LiveService, Pod, Rollout, Workload, WorkloadSize
from components.rules.http_path import confined
from components.rules.job_facts import JobFacts
from components.rules.ownership import Existing
from components.rules.roles import Bearer
from components.rules.stateful_set import LiveSet
from components.rules.trial import Answer
from contract.annotations import RESTARTED
from contract.attachment import Marks
from contract.ownership import FIELD_MANAGER, SWITCH_MANAGER
from contract.paths import all_of
from contract.route_kinds import RouteRef
from kubeaccess import Access as ClusterAccess

Note = Mapping[str, str | None]
SLICE_OF, SLICE_MANAGED_BY = "kubernetes.io/service-name", "endpointslice.kubernetes.io/managed-by"
SLICE_CONTROLLER = "endpointslice-controller.k8s.io"
JOB_NAME = "batch.kubernetes.io/job-name"  # the cluster's own label on the pods of a Job


class Cluster:
    """One cluster, seen from one namespace."""

    def __init__(self, access: ClusterAccess, namespace: str) -> None:
        self.namespace = namespace
        self._api = Connection(access)
        self._ns = Namespace(self._api, namespace)

    def prepare(self) -> None:
        """Begin to connect, without waiting: an `up` asks the cluster in any case, a preview seldom."""
        self._api.prepare()

    async def close(self) -> None:
        """Close the connections. A program need not: it ends with them."""
        await self._api.close()

    async def existing(self, api_version: str, kind: str, name: str) -> Existing | None:
        """The object of that name, of this stack or of anybody; None when there is none."""
        found = await self._ns.get(f"{all_of(api_version, kind, self.namespace)}/{name}")
        return read_existing(kind, found) if found else None

    async def try_out(self, manifest: Mapping[str, Any], manager: str | None) -> Answer:
        """The answer of the API server to an object that it does not keep: a new one, or applied as a field manager
        over the one that there is. Asked once; status 0 where it does not answer.
        """
        path = all_of(manifest["apiVersion"], manifest["kind"], self.namespace)
        if manager is None:
            return await trial.create(self._api, path, manifest)
        return await trial.apply(self._api, f"{path}/{manifest['metadata']['name']}", manifest, manager)

    async def has(self, api_version: str, kind: str, name: str) -> bool:
        """Whether there is an object of that name."""
        return await self.existing(api_version, kind, name) is not None

    async def services(self) -> list[Existing]:
        """All Services of the namespace, those of others included."""
        found = await self._api.json("GET", self._ns.core("services"))
        return [read_existing("Service", item) for item in found.get("items") or []]

    async def namespace_state(self) -> str:
        """`Active`, `Terminating` or `missing`; `` where the identity may not ask."""
        try:
            found = await self._ns.get(f"/api/v1/namespaces/{self.namespace}")
        except ClusterRefused:
            return ""
        return str((found.get("status") or {}).get("phase", "")) if found else "missing"

    async def pods(self, selector: Mapping[str, str]) -> list[Pod]:
        """The pods of the namespace that the selector matches, terminating ones included; not those that have ended
        (evicted, failed, succeeded) and only wait to be cleared away.
        """
        return [
            read_pod(item) for item in await self._ns.listed(self._ns.core("pods"), selector) if not has_ended(item)
        ]

    async def replica_sets(self, selector: Mapping[str, str], *, stateful: bool = False) -> list[ReplicaSet]:
        """The ReplicaSets of the namespace whose own labels match, those of Deployments included; or the StatefulSets,
        as the same records.
        """
        path = self._ns.workload("statefulsets" if stateful else "replicasets")
        return [read_replica_set(item) for item in await self._ns.listed(path, selector)]

    async def workloads(self, selector: Mapping[str, str], *, stateful: bool = False) -> list[Workload]:
        """The Deployments whose labels match, and the ReplicaSets that are no Deployment's; or the StatefulSets."""
        if stateful:
            found = await self._ns.listed(self._ns.workload("statefulsets"), selector)
            return await rollouts.sets(self._api, self.namespace, found)
        deployments = await self._ns.listed(self._ns.workload("deployments"), selector)
        sets = await self._ns.listed(self._ns.workload("replicasets"), selector)
        made = [read_workload("deployments", one, newest_set(one, sets)) for one in deployments if _is_nobody_s(one)]
        made += [read_workload("replicasets", one, one) for one in sets if _is_nobody_s(one)]
        return made

    async def endpoints(self, service: str) -> list[Endpoint]:
        """The addresses that follow the selector of a Service, ready or not: those of the cluster's own EndpointSlices.
        What somebody else writes into slices of his own follows no selector, before a switch or after it.
        """
        path = f"/apis/discovery.k8s.io/v1/namespaces/{self.namespace}/endpointslices"
        found = await self._ns.listed(path, {SLICE_OF: service, SLICE_MANAGED_BY: SLICE_CONTROLLER})
        return [read_endpoint(item) for piece in found for item in piece.get("endpoints") or []]

    async def live_service(self, name: str) -> LiveService | None:
        """The live Service as it is now; None when there is none yet."""
        found = await self._ns.get(self._ns.core("services", name))
        return read_live_service(found) if found else None

    async def annotate_service(self, name: str, key: str, value: str | None, *, version: str = "") -> bool:
        """Set one annotation of a Service, None removes it. Our own field manager keeps it from showing as drift.
        False, and nothing is set, where the Service is not of that `version` any more.
        """
        body = {"metadata": {"annotations": {key: value}}}
        return bool(await self._ns.patch(self._ns.core("services", name), body, version=version))

    async def annotate_workload(self, kind: str, name: str, annotations: Note, *, version: str = "") -> bool:
        """Set annotations of a workload (`deployments`, …), None removes one; no difference, as above.
        False, and nothing is set, where it is not of that `version` any more.
        """
        body = {"metadata": {"annotations": dict(annotations)}}
        return bool(await self._ns.patch(self._ns.workload(kind, name), body, version=version))

    async def select(
        self, service: str, now: LiveService, wanted: Mapping[str, str], notes: Note = MappingProxyType({})
    ) -> bool:
        """Make a Service select `wanted`, and set these annotations with it; None removes one. False, and nothing is
        done, where it is not as `now` any more.
        """
        selector = dict.fromkeys(now.selector) | dict(wanted)
        body: dict[str, Any] = {"spec": {"selector": selector}}
        if notes:
            body["metadata"] = {"annotations": dict(notes)}
        path = self._ns.core("services", service)
        return bool(await self._ns.patch(path, body, version=now.version, manager=SWITCH_MANAGER))

    async def scale(self, kind: str, name: str, replicas: int, *, version: str = "") -> bool:
        """Set the number of pods of a workload (`deployments`, …). False, and nothing is set, where a `version` is
        given and it is not of that any more.
        """
        path = f"{self._ns.workload(kind, name)}/scale"
        return bool(await self._ns.patch(path, {"spec": {"replicas": replicas}}, version=version))

    async def label_template(self, replica_set: str, labels: Note, annotations: Note) -> None:
        """Set labels of a ReplicaSet's pod template, for pods born later, and annotations of the ReplicaSet itself;
        None removes one. No pod is restarted, and the engine sees no difference, as above. One that is gone is left
        alone.
        """
        body = Marks(labels, annotations).of_template
        await self._ns.patch(self._ns.workload("replicasets", replica_set), body, missing_ok=True)

    async def label_pod(self, pod: Pod, labels: Note, annotations: Note) -> None:
        """Set labels and annotations of a pod, None removes one. A pod that is gone is left alone."""
        body = Marks(labels, annotations).of_pod
        body["metadata"]["uid"] = pod.uid
        await self._ns.patch(self._ns.core("pods", pod.name), body, missing_ok=True)

    async def role_bearers(self, kind: str, selector: Mapping[str, str]) -> list[Bearer]:
        """The `pods` with these labels, or the `replicasets` that are no Deployment's: what bears metadata by role."""
        return await (roles.pods if kind == "pods" else roles.replica_sets)(self._ns, selector)

    async def write_role(self, bearer: Bearer, change: Mapping[str, Any]) -> None:
        """Merge a change into the metadata of a pod, or of a pod template. No pod is restarted, and the engine sees no
        difference, as above.
        """
        await roles.write(self._ns, bearer, change)

    async def restart(self, deployment: str, at: str) -> None:
        """Have a Deployment replace its pods under its own surge settings; once, however often it is asked for `at`."""
        template = {"metadata": {"annotations": {RESTARTED: at}}}
        await self._ns.patch(self._ns.workload("deployments", deployment), {"spec": {"template": template}})

    async def end_pod(self, pod: Pod) -> None:
        """Ask a pod to stop gracefully. One that is gone, or another of the same name, is left alone."""
        body = {"preconditions": {"uid": pod.uid}}
        await self._api.json("DELETE", self._ns.core("pods", pod.name), body=body, missing_ok=True)

    async def workload(self, kind: str, name: str) -> WorkloadSize | None:
        """The size of a workload (`deployments`, …) and its annotations; None when there is none."""
        found = await self._ns.get(self._ns.workload(kind, name))
        if not found:
            return None
        meta = found["metadata"]
        replicas = found["spec"].get("replicas", 1)
        notes, version = meta.get("annotations") or {}, meta.get("resourceVersion", "")
        return WorkloadSize(read_time(meta["creationTimestamp"]), replicas, notes, version)

    async def access_modes(self, claim: str) -> list[str] | None:
        """The ways in which the volume of a claim may be mounted (`ReadWriteOnce`, …); None when there is no such
        claim.
        """
        found = await self._ns.get(self._ns.core("persistentvolumeclaims", claim))
        return list(found["spec"].get("accessModes") or []) if found else None

    async def rollout(self, name: str, kind: str = "deployments") -> Rollout | None:
        """The rollout of a Deployment, or of another `kind`; None when there is none."""
        found = await self._ns.get(self._ns.workload(kind, name))
        return read_rollout(found) if found else None

    async def replace_template(
        self, name: str, template: Mapping[str, Any], version: str, kind: str = "deployments"
    ) -> int | None:
        """Give a workload of that `version` this pod template, nothing of the old one kept. Its generation from then
        on; None, and nothing is done, where it has changed meanwhile.
        """
        return await rollouts.replace_template(self._api, self._ns.workload(kind, name), template, version)

    async def live_set(self, name: str) -> LiveSet | None:
        """A StatefulSet as it is now; None when there is none."""
        found = await self._ns.get(self._ns.workload("statefulsets", name))
        return read_live_set(found) if found else None

    async def job(self, name: str) -> JobFacts | None:
        """A Job as it is now; None when there is none."""
        found = await self._ns.get(self._ns.jobs(name))
        return read_job(found) if found else None

    async def let_go(self, job: JobFacts) -> None:
        """Let a suspended Job run."""
        await self._ns.patch(self._ns.jobs(job.name), {"metadata": {"uid": job.uid}, "spec": {"suspend": False}})

    async def create_job(self, manifest: Mapping[str, Any]) -> None:
        """Make a Job; one of that name that is there already is left as it is."""
        body = {"apiVersion": "batch/v1", "kind": "Job", **manifest}
        params = {"fieldManager": FIELD_MANAGER}
        await self._api.json("POST", self._ns.jobs(), params=params, body=body, missing_ok=True)

    async def delete_job(self, job: JobFacts) -> None:
        """Delete a Job; it is there until its pods are gone. Another one of its name is left alone."""
        body = {"preconditions": {"uid": job.uid}, "propagationPolicy": "Foreground"}
        await self._api.json("DELETE", self._ns.jobs(job.name), body=body, missing_ok=True)

    async def last_words(self, job: str) -> list[str]:
        """The last words of the pods of a Job that did not end well, without repetitions."""
        found = await self._api.json("GET", self._ns.core("pods"), params={"labelSelector": f"{JOB_NAME}={job}"})
        return list(dict.fromkeys(said for item in found["items"] if (said := read_last_words(item))))

    async def route(self, route: RouteRef) -> Mapping[str, Any] | None:
        """A route as it is now; None when there is none."""
        return await routes.read(self._api, self.namespace, route)

    async def patch_route(self, route: RouteRef, operations: Sequence[Mapping[str, Any]]) -> bool:
        """Carry out a JSON patch on a route. False, and nothing is done, where a `test` of it does not hold."""
        return await routes.patch(self._api, self.namespace, route, operations)

    async def autoscaler(self, api_version: str, kind: str, name: str) -> Autoscaler | None:
        """An autoscaler as it is now; None when there is none."""
        return await autoscalers.read(self._ns, self.namespace, api_version, kind, name)

    async def delete_autoscaler(self, one: Autoscaler) -> None:
        """Delete an autoscaler. One that is gone, or another of its name, is left alone."""
        await autoscalers.delete(self._api, self.namespace, one)

    async def get_through_service(self, service: str, path: str, timeout_seconds: float) -> tuple[int, str]:
        """GET a path of a Service through the API server's service proxy: HTTP status (0: no answer) and the
        body's first MiB. The time is for the whole answer.

        This works from wherever the API server is reached, so from outside the cluster too.
        """
        if not confined(path):
            return 0, "the path leaves the Service"
        url = self._ns.core("services", f"http:{service}:http") + f"/proxy{path}"
        return await service_proxy.get(self._api, url, timeout_seconds)

    async def get_through_pod(self, pod: str, port: int, path: str, timeout_seconds: float) -> tuple[int, str]:
        """The same of a port of one pod, which need not be in any Service."""
        if not confined(path):
            return 0, "the path leaves the pod"
        url = self._ns.core("pods", f"http:{pod}:{port}") + f"/proxy{path}"
        return await service_proxy.get(self._api, url, timeout_seconds)


def _is_nobody_s(item: dict[str, Any]) -> bool:
    """Whether no other object made it."""
    return not item["metadata"].get("ownerReferences")
