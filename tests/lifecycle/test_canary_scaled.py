"""A canary under an autoscaler: a second one while there is a share, and every pod that was there until its end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.routes import Gateway, accepting_gateway, ensure_definition, weights
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import varieties, workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
OWN = {"parents": [{"name": "gateway", "namespace": "edge"}]}
SCALED: dict[str, Any] = {
    "replicas": None,
    "standby_replicas": 1,
    "drain_seconds": 0,
    "recycle": False,
    "autoscale": {"min_replicas": 2, "max_replicas": 5},
    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
}
HPAS = "horizontalpodautoscalers"


@pytest.fixture
def gateway(admin: httpx2.Client, namespace: Namespace) -> Iterator[Gateway]:
    """What follows the service's own route."""
    with accepting_gateway(admin, namespace) as made:
        yield made


def scalers(namespace: Namespace, plural: str = HPAS) -> dict[str, str]:
    """Autoscaler -> the color of the workload that it scales, and whether it may take pods away."""
    found = {}
    for name in namespace.names(plural):
        made = namespace.get(plural, name)
        target = made["spec"]["scaleTargetRef"]["name"].split("-")[1]
        found[name] = f"{target}, held" if "Disabled" in str(made["spec"]) else target
    return found


def grow(namespace: Namespace, plural: str, color: str, pods: int) -> None:
    """What an autoscaler does under load."""
    (name,) = [one for one in namespace.names(plural) if one.startswith(f"shop-{color}-")]
    namespace.patch(plural, name, {"spec": {"replicas": pods}}, part="scale")
    eventually(f"{pods} pods", lambda: len(views.ready_pods(namespace, color=color)) == pods)


PLURAL = {"deployment": "deployments", "replica-set": "replicasets"}


@pytest.mark.parametrize("then", varieties(["cutover", "back"], narrow=["cutover"]))
@workloads("deployment")
def test_both_colors_have_an_autoscaler_while_both_have_a_share(
    stack: Stack, namespace: Namespace, gateway: Gateway, workload: str, then: str
) -> None:
    route = {**OWN, **gateway.settings}
    shop = stack.services["shop"] = services.blue_green(workload, route=route, **SCALED)
    stack.must_up()
    grow(namespace, PLURAL[workload], "blue", 4)

    shop["canary"] = {"weight": 70}
    given = stack.must_up()
    assert "green starts with 3 pods for 70 %, as 4 serve now" in given.said
    assert scalers(namespace) == {"shop": "blue, held", "shop-green": "green, held"}
    assert weights(namespace, "shop") == {"shop-blue": 30, "shop-green": 70}
    assert (len(views.ready_pods(namespace, color="blue")), len(views.ready_pods(namespace, color="green"))) == (4, 3)

    del shop["canary"]
    live, left = ("green", "blue") if then == "cutover" else ("blue", "green")
    shop["active"] = live
    ended = stack.must_up()
    assert ("green starts with 4 pods, as 4 serve now" in ended.said) == (then == "cutover")
    assert scalers(namespace) == {"shop": live}
    assert weights(namespace, "shop") == {f"shop-{live}": 100, f"shop-{left}": 0}
    assert len(views.ready_pods(namespace, color=live)) == 4
    eventually("the standby", lambda: len(views.pods(namespace, color=left)) == 1)
    assert stack.must_up().changes.keys() == {"same"}


@pytest.mark.wide  # the narrow run has a HorizontalPodAutoscaler
def test_so_it_is_with_scaled_objects_and_the_driver_walks(
    stack: Stack, namespace: Namespace, gateway: Gateway, admin: httpx2.Client
) -> None:
    ensure_definition(admin, Path(__file__).with_name("scaledobject_crd.yaml").read_text())
    spec = {"minReplicaCount": 2, "maxReplicaCount": 5, "triggers": [{"type": "cpu", "metadata": {"value": "50"}}]}
    keda = {**SCALED, "autoscale": None, "autoscaler": {"kind": "ScaledObject", "spec": spec}}
    stack.services["shop"] = services.blue_green(route={**OWN, **gateway.settings}, **keda)
    stack.must_up()
    grow(namespace, "deployments", "blue", 4)
    stack.watcher.judges = False  # the stack's file is the driver's from here on

    planned = cutover(stack, "promote", "shop", "--weight", "50", "--yes")
    assert planned.code == 0, planned
    assert scalers(namespace, "scaledobjects") == {"shop": "blue, held", "shop-green": "green, held"}
    told = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert (told["state"], told["drift"], told["route"]["shares"]) == ("paused", [], {"blue": 50, "green": 50})
    assert "beside    green 1.1.0 build 1, 2 pods or more" in cutover(stack, "plan").out

    walked = cutover(stack, "promote", "shop", "--steps", "75,100", "--bake", "1s", "--yes")
    assert walked.code == 0, walked
    assert scalers(namespace, "scaledobjects") == {"shop": "green"}
    assert len(views.ready_pods(namespace, color="green")) == 4
