"""Services and autoscalers as people write them, on the real API server: a cutover moves their pods, nothing else."""

from typing import Any

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V2, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]

METRICS = [
    {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "900m"}}}
]
BEHAVIOR = {
    "scaleDown": {"stabilizationWindowSeconds": 60, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}
}
SERVICE = {
    "metadata": {"annotations": {"example.com/scheme": "internal"}},
    "spec": {
        "type": "LoadBalancer",
        "sessionAffinity": "ClientIP",
        "externalTrafficPolicy": "Local",
        "loadBalancerClass": "example.com/none",
        "ports": [{"port": 80, "name": "web", "appProtocol": "http"}, {"port": 53, "protocol": "UDP", "name": "dns"}],
    },
}
_MOVES = ("selector",)


def shape(namespace: Namespace, name: str) -> dict[str, Any]:
    """All of a Service but its selector: addresses and ports that the cluster gave it, too."""
    spec = namespace.get("services", name)["spec"]
    return {key: value for key, value in spec.items() if key not in _MOVES}


def colors(namespace: Namespace, *names: str) -> set[str]:
    return {namespace.get("services", name)["spec"]["selector"]["cutover.dev/color"] for name in names}


def test_what_stands_beside_survives_a_cutover(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(
        replicas=None,
        service=SERVICE,
        services={"shop-peers": {"spec": {"clusterIP": "None", "publishNotReadyAddresses": True}}},
        autoscaler={"spec": {"minReplicas": 2, "maxReplicas": 4, "metrics": METRICS, "behavior": BEHAVIOR}},
        budget={"spec": {"minAvailable": "50%"}},
    )
    stack.must_up()
    assert set(stack.must_up().changes) == {"same"}
    names = ("shop", "shop-peers")
    before = [shape(namespace, name) for name in names]
    assert (before[0]["type"], before[0]["sessionAffinity"], before[1]["clusterIP"]) == (
        "LoadBalancer",
        "ClientIP",
        "None",
    )
    assert colors(namespace, *names) == {"blue"}
    scaler = namespace.get("horizontalpodautoscalers", "shop")["spec"]
    assert scaler["behavior"]["scaleDown"]["policies"] == BEHAVIOR["scaleDown"]["policies"]
    assert namespace.get("poddisruptionbudgets", "shop-blue")["spec"]["minAvailable"] == "50%"

    shop["active"] = "green"
    assert stack.preview().changes["update"] == 3  # the two Services, and what the autoscaler scales
    stack.must_up()
    assert colors(namespace, *names) == {"green"}
    assert [shape(namespace, name) for name in names] == before
    ready = {pod["status"]["podIP"] for pod in views.ready_pods(namespace, color="green")}
    for name in names:
        slices = namespace.items("endpointslices", {"kubernetes.io/service-name": name})
        found = {ip for piece in slices for one in piece.get("endpoints") or [] for ip in one["addresses"]}
        assert found == ready, name
    assert namespace.get("horizontalpodautoscalers", "shop")["spec"]["behavior"] == scaler["behavior"]
    assert set(stack.must_up().changes) == {"same"}

    shop |= {"active": "blue"}
    stack.must_up()
    assert [shape(namespace, name) for name in names] == before
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


def test_a_rolling_service_keeps_its_address(stack: Stack, namespace: Namespace) -> None:
    peers = {"worker-all": {"spec": {"clusterIP": "None"}}}
    worker = stack.services["worker"] = services.rolling(
        service={"spec": {"type": "NodePort", "sessionAffinity": "ClientIP", "clusterIP": "None"}}, services=peers
    )
    planned = stack.preview()
    assert planned.code != 0
    assert "may not be set to 'None' for NodePort services" in planned.said
    assert "mend service.spec.clusterIPs[0] of worker" in planned.said
    del worker["service"]["spec"]["clusterIP"]
    stack.must_up()
    before = shape(namespace, "worker")
    assert before["ports"][0]["nodePort"] > 0
    worker["release"] = release(V2, 2)
    worker["service"]["spec"]["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": 0}}
    planned = stack.preview()
    assert "code: object.refused" in planned.said
    assert "mend service.spec.sessionAffinityConfig.clientIP.timeoutSeconds of worker" in planned.said
    del worker["service"]["spec"]["sessionAffinityConfig"]
    stack.must_up()
    assert shape(namespace, "worker") == before
    headless = namespace.get("services", "worker-all")
    assert headless["spec"]["clusterIP"] == "None"

    peers["worker-all"] = {"spec": {"sessionAffinity": "ClientIP"}}
    refused = stack.up()  # without a preview: no hook runs before the engine's own steps
    assert refused.code != 0
    assert "code: address.changed" in refused.said
    assert "replaced" not in refused.said
    now = namespace.get("services", "worker-all")
    assert (now["metadata"]["uid"], now["spec"]["clusterIP"]) == (headless["metadata"]["uid"], "None")
    peers["worker-all"] = {"spec": {"clusterIP": "None"}}
    stack.must_up()
    assert set(stack.must_up().changes) == {"same"}
    worker["port_name"] = "web"
    for refused in (stack.preview(), stack.up()):
        assert refused.code != 0
        assert "code: port.changed" in refused.said, refused.said
    assert shape(namespace, "worker") == before
    del worker["port_name"]
    _less_of_a_type_is_warned_of(stack, namespace, worker["service"]["spec"], before)
    _another_namespace_is_refused(stack)
    assert namespace.get("services", "worker-all")["metadata"]["uid"] == headless["metadata"]["uid"]
    stack.save()
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


def _less_of_a_type_is_warned_of(
    stack: Stack, namespace: Namespace, spec: dict[str, Any], before: dict[str, Any]
) -> None:
    """Its node port goes, and it keeps the address within the cluster."""
    port = before["ports"][0]["nodePort"]
    said = f"of the type NodePort, ports {port} in the cluster, and the config makes it ClusterIP"
    del spec["type"]
    assert said in stack.preview().said
    planned = cutover(stack, "plan")
    assert said in planned.out + planned.err, planned
    assert namespace.get("services", "worker")["spec"]["type"] == "NodePort"
    assert said in stack.must_up().said
    now = namespace.get("services", "worker")["spec"]
    assert (now["type"], now["clusterIP"]) == ("ClusterIP", before["clusterIP"])
    assert "nodePort" not in now["ports"][0]
    after = stack.must_up()
    assert set(after.changes) == {"same"}
    assert "clients outside of the cluster" not in after.said


def _another_namespace_is_refused(stack: Stack) -> None:
    """What serves in the one before would end."""
    own = f"cutover:namespace: {stack.namespace.name}"
    assert own in stack.file.read_text()
    for words in ("preview",), ("up", "--yes", "--skip-preview"):
        stack.file.write_text(stack.file.read_text().replace(own, "cutover:namespace: elsewhere"))
        refused = stack.run(*words)
        assert refused.code != 0
        assert f"worker is in namespace {stack.namespace.name}, and the config says elsewhere" in refused.said


def test_recreate_is_an_outage_that_is_measured_and_none_at_all_is_no_failure(
    stack: Stack, namespace: Namespace
) -> None:
    worker = stack.services["worker"] = services.rolling(replicas=1, update="recreate")
    stack.must_up()
    assert namespace.get("deployments", "worker")["spec"]["strategy"] == {"type": "Recreate"}
    worker["release"] = release(V2, 2)
    assert "each change of its pods is an outage" in stack.preview().said
    rolled = stack.must_up()
    assert "no pod was ready for" in rolled.said
    assert views.images(views.pods(namespace, "worker")) == {V2}
    assert set(stack.must_up().changes) == {"same"}

    worker["replicas"] = 0
    stack.must_up()
    eventually("the pod to go", lambda: views.pods(namespace, "worker") == [])
    assert set(stack.must_up().changes) == {"same"}
    worker["replicas"] = 1
    stack.must_up()
    assert len(views.ready_pods(namespace, "worker")) == 1
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)
