"""Failures after the switch: traffic is already on the new release, and the next `up` carries the rest through."""

import copy
from threading import Thread

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import DEPLOYER, Namespace, eventually
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
both_workloads = workloads("replica-set")


def _role(namespace: Namespace) -> list[views.Json]:
    rules: list[views.Json] = namespace.get("roles", DEPLOYER)["rules"]
    return rules


def _only_green_is_patched(namespace: Namespace, rules: list[views.Json]) -> list[views.Json]:
    """The rules without the right to patch a workload of blue."""
    narrow = copy.deepcopy(rules)
    apps = next(rule for rule in narrow if "deployments" in rule["resources"])
    apps["verbs"].remove("patch")
    green = [name for kind in views.WORKLOADS for name in namespace.names(kind) if "-green-" in name]
    return [
        *narrow,
        {"apiGroups": ["apps"], "resources": apps["resources"], "verbs": ["patch"], "resourceNames": green},
    ]


@both_workloads
def test_the_old_color_cannot_be_scaled_down(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, standby_replicas=1)
    stack.must_up()
    rules = _role(namespace)
    namespace.patch("roles", DEPLOYER, {"rules": _only_green_is_patched(namespace, rules)})
    shop["active"] = "green"
    failed = stack.up()
    assert failed.code != 0
    assert "forbidden" in failed.said
    assert views.live_color(namespace) == "green"
    assert len(views.ready_pods(namespace, color="blue")) == 2
    namespace.patch("roles", DEPLOYER, {"rules": rules})
    stack.must_up()
    eventually("the standby's size", lambda: len(views.pods(namespace, color="blue")) == 1)
    assert "same" in stack.must_up().changes


@both_workloads
def test_the_old_pods_cannot_be_recycled(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload)
    stack.must_up()
    old = views.uids(views.pods(namespace, color="blue"))
    rules = _role(namespace)
    # A Deployment is restarted; the pods of a ReplicaSet are deleted one by one.
    kept = _only_green_is_patched(namespace, rules)
    if workload == "replica-set":
        kept = [rule for rule in rules if not (rule["resources"] == ["pods"] and rule["verbs"] == ["delete"])]
    assert kept != rules
    namespace.patch("roles", DEPLOYER, {"rules": kept})
    shop["active"] = "green"
    failed = stack.up()
    assert failed.code != 0
    assert "docs/rbac.yaml" in failed.said
    assert "Traceback" not in failed.said
    assert views.live_color(namespace) == "green"
    assert views.uids(views.pods(namespace, color="blue")) == old
    assert stack.up().code != 0  # not forgotten
    namespace.patch("roles", DEPLOYER, {"rules": rules})
    assert stack.must_up().changes == {"same": 9}
    assert not views.uids(views.pods(namespace, color="blue")) & old
    eventually("a fresh standby", lambda: len(views.ready_pods(namespace, color="blue")) == 2)


@both_workloads
def test_a_release_that_turns_bad_while_the_old_pods_drain_is_not_called_complete(
    stack: Stack, namespace: Namespace, workload: str
) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, drain_seconds=10)
    stack.must_up()
    stack.watcher.judges = False  # pods go bad while they are live

    def spoil() -> None:
        eventually("the switch", lambda: views.live_color(namespace) == "green")
        namespace.make_unready(*views.names(views.pods(namespace, color="green")))

    trouble = Thread(target=spoil)
    trouble.start()
    shop["active"] = "green"
    failed = stack.up()
    trouble.join()
    assert failed.code != 0
    assert ", but for 30 s it has no ready endpoint" in failed.said
    assert "switch.unverified" in failed.said
    assert "green" not in str(namespace.get("services", "shop")["metadata"]["annotations"].get("cutover.dev/completed"))
    assert len(views.ready_pods(namespace, color="blue")) == 2, "what it left can be gone back to at once"
    shop["active"] = "blue"
    stack.must_up()
    assert views.live_color(namespace) == "blue"
