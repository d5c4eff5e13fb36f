"""The look at the cluster: three to six lists of a stack's namespace, then its shares; judged."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from contract.labels import MANAGED_BY
from contract.text import harmless
from cutover.observe.adopted import adopts, described
from cutover.observe.connection import Api
from cutover.observe.endpoints import read_endpoints
from cutover.observe.facts import gather
from cutover.observe.fronts import judge_fronts
from cutover.observe.jobs import PHASES
from cutover.observe.judge import judge
from cutover.observe.kubeconfig import access_of
from cutover.observe.pod_shares import judge_pod_shares, services_with_a_canary
from cutover.observe.records import ServiceStatus
from cutover.observe.route_endpoints import judge_route_endpoints, services_with_a_share
from cutover.observe.routes import judge_routes, read_routes
from cutover.stackfile.view import StackView


def live(view: StackView) -> dict[str, ServiceStatus]:
    """The status of every service of the stack's config. Raises ClusterUnreachable, or LoginNeeded (an encrypted
    kubeconfig).
    """
    with Api(access_of(view)) as api:
        return look(api, view)


def look(api: Api, view: StackView) -> dict[str, ServiceStatus]:
    """The status as in `live`, over a connection that is open already, for who looks again and again. Nothing of it is
    written back, so every text is made harmless at once.
    """
    namespace = view.namespace
    paths = {
        "services": f"/api/v1/namespaces/{namespace}/services",
        "pods": f"/api/v1/namespaces/{namespace}/pods",
        "deployments": f"/apis/apps/v1/namespaces/{namespace}/deployments",
    }
    if any(service.settings.get("workload") == "replica-set" for service in view.services.values()):
        paths["replicasets"] = f"/apis/apps/v1/namespaces/{namespace}/replicasets"
    if any(service.stateful for service in view.services.values()):
        paths["statefulsets"] = f"/apis/apps/v1/namespaces/{namespace}/statefulsets"
    if any(service.settings.get(f"{phase}_cutover") for service in view.services.values() for phase in PHASES):
        paths["jobs"] = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    adopted = adopts(view)
    params = {} if adopted else {"labelSelector": f"{MANAGED_BY}=pulumi"}
    with ThreadPoolExecutor(len(paths)) as pool:
        asked = {kind: pool.submit(api.items, path, params) for kind, path in paths.items()}
        lists = {kind: harmless(future.result()) for kind, future in asked.items()}
    if adopted:
        lists = described(view, lists)
    workloads = [*lists["deployments"], *lists.get("replicasets", []), *lists.get("statefulsets", [])]
    facts = gather(lists["services"], workloads, lists["pods"], datetime.now(UTC), lists.get("jobs", ()))
    services = judge(view, facts)
    # After the lists, so that a share which is noted there as seen was in the route at some time before.
    services = judge_routes(view, facts, services, read_routes(api, view))
    asked_for = [*services_with_a_canary(view, facts), *services_with_a_share(services)]
    endpoints = read_endpoints(api, namespace, asked_for)
    services = judge_pod_shares(view, facts, services, endpoints)
    services = judge_route_endpoints(view, services, endpoints)
    return services | judge_fronts(view, facts, services)
