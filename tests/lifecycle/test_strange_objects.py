"""Objects beside a release that are no part of it, or that count on its labels: pods that have ended, slices of others,
a live Service without a selector, a second Service over an adopted Deployment.
"""

from typing import Any

import pytest

from tests.lifecycle import existing, views
from tests.lifecycle.command import Ended, cutover
from tests.lifecycle.driver import release_words, write_shop
from tests.lifecycle.existing import NAME
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]
Json = dict[str, Any]
COLORS = ("blue", "green")


def make_ended(namespace: Namespace, color: str) -> None:
    """Pods with all labels of a color's release that have ended, as an eviction leaves them."""
    born = views.pods(namespace, color=color)[0]
    labels = {key: value for key, value in born["metadata"]["labels"].items() if key != "pod-template-hash"}
    container = {key: born["spec"]["containers"][0][key] for key in ("name", "image", "securityContext")}
    spec = {"schedulerName": "nobody", "containers": [container], "securityContext": born["spec"]["securityContext"]}
    for phase in ("Failed", "Succeeded"):
        name = f"{color}-{phase.lower()}"
        namespace.create_object("pods", {"metadata": {"name": name, "labels": labels}, "spec": spec})
        namespace.patch("pods", name, {"status": {"phase": phase, "reason": "Evicted"}}, part="status")


def slice_of_others(pod: str) -> Json:
    """Endpoints of the live Service that no selector gave it, in the name of a pod of the color that does not serve."""
    labels = {"kubernetes.io/service-name": "shop", "endpointslice.kubernetes.io/managed-by": "somebody"}
    target = {"kind": "Pod", "name": pod}
    endpoint = {"addresses": ["192.0.2.1"], "conditions": {"ready": True}, "targetRef": target}
    return {"metadata": {"name": "others", "labels": labels}, "addressType": "IPv4", "endpoints": [endpoint]}


def run(stack: Stack, verb: str, *words: str) -> Ended:
    ended = cutover(stack, verb, *words)
    assert ended.code == 0, ended
    assert "traffic stays where it was" not in ended.out
    return ended


def test_they_refuse_no_release_and_serve_nobody(stack: Stack, namespace: Namespace) -> None:
    write_shop(stack)
    stack.watcher.judges = False  # ended pods and endpoints of others are what the cluster has here
    run(stack, "up", "--yes")
    run(stack, "release", "shop", *release_words(V2), "--yes")
    for color in COLORS:
        make_ended(namespace, color)
    namespace.create_object(
        "endpointslices", slice_of_others(views.ready_pods(namespace, color="blue")[0]["metadata"]["name"])
    )

    run(stack, "promote", "--yes")
    assert views.live_color(namespace) == "green"
    healthy = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert (healthy["state"], healthy["drift"]) == ("healthy", [])
    assert {name: one["ready"] for name, one in healthy["colors"].items()} == {"blue": 2, "green": 2}
    back = run(stack, "rollback", "--now", "--yes")
    assert "blue 1-0-0-b1 takes the traffic, 2 pods ready" in back.out
    assert views.live_color(namespace) == "blue"
    assert run(stack, "up", "--yes").out.endswith("nothing to do\n")


def test_a_live_service_without_a_selector_is_said_and_gets_its_own_again(stack: Stack, namespace: Namespace) -> None:
    write_shop(stack)
    stack.watcher.judges = False  # by hand, past every gate
    run(stack, "up", "--yes")
    run(stack, "release", "shop", *release_words(V2), "--yes")
    namespace.patch("services", "shop", {"spec": {"selector": None}})
    told = cutover(stack, "status")
    assert told.code == 6, told
    assert "⚠ shop: selector of the live Service: config" in told.out
    assert "cluster none" in told.out
    back = cutover(stack, "rollback", "--now", "--yes")
    assert back.code == 3, back
    assert "there is no live Service in the cluster that sends to a color" in back.out
    run(stack, "up", "--yes")
    assert views.live_color(namespace) == "blue"
    assert "never took the traffic" in cutover(stack, "rollback", "--now", "--yes").out
    run(stack, "promote", "--yes")  # it is a preview as before, whatever the time of the selector
    assert views.live_color(namespace) == "green"


def test_what_else_finds_an_adopted_deployment_s_pods_finds_the_next_release_too(
    stack: Stack, namespace: Namespace
) -> None:
    existing.make(namespace)
    team = {"spec": {"template": {"metadata": {"labels": {"team": "a"}}}}}
    namespace.patch("deployments", NAME, team)
    eventually("pods with the label", lambda: len(existing.pods(namespace, {"team": "a"})) == 3)
    second = {"metadata": {"name": "metrics"}, "spec": {"selector": {"team": "a"}, "ports": [{"port": 9898}]}}
    namespace.create_object("services", second)
    stack.save()

    def adopted() -> bool:
        """Once the Deployment's own rollout has ended."""
        said.append(cutover(stack, "adopt", NAME, "--yes"))
        return said[-1].code == 0

    said: list[Ended] = []
    eventually("the adoption", adopted)
    assert "the Service metrics finds its pods too" in said[-1].out + said[-1].err
    run(stack, "up", "--yes")
    run(stack, "release", NAME, *release_words(V2), "--yes")
    run(stack, "promote", NAME, "--yes")
    assert views.live_color(namespace, NAME) == "green"
    fresh = set(views.names(views.ready_pods(namespace, NAME, "green")))

    def found() -> set[str]:
        pieces = namespace.items("endpointslices", {"kubernetes.io/service-name": "metrics"})
        return {one["targetRef"]["name"] for piece in pieces for one in piece["endpoints"] or []}

    eventually("the second Service to find the new pods", lambda: fresh <= found())
