"""A Deployment and a Service of somebody else's, taken over under load: no pod restarted, no request failed."""

import contextlib
import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from prober import Prober, Result, TargetRefusedError
from tests.lifecycle import existing, services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.existing import HELM, HELMS, NAME, SELECTOR
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS, DRAIN_SECONDS
from tests.lifecycle.services import REPOSITORY, UNREADY, V1, V2, V3, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
KEPT = ("type", "ports", "clusterIP", "sessionAffinity", "ipFamilies")


@pytest.fixture
def selector(namespace: Namespace) -> dict[str, str]:
    """What was there before, made by kubectl; its selector."""
    existing.make(namespace)
    return SELECTOR


@pytest.fixture
def prober(namespace: Namespace, selector: dict[str, str]) -> Iterator[Prober]:
    """Steady traffic to the Service, from new connections and kept ones."""
    address = namespace.get("services", NAME)["spec"]["clusterIP"]
    try:
        made = Prober(f"http://{address}:80", rate_per_second=100, timeout_seconds=ANSWER_SECONDS)
    except TargetRefusedError:
        pytest.skip(f"Services of this cluster ({address}) are no targets of the prober")
    eventually("the Service's first answer", lambda: _answers(address))
    with made:
        yield made


def _answers(address: str) -> bool:
    """Whether the node sends to a new Service already."""
    with contextlib.suppress(OSError):
        socket.create_connection((address, 80), 1).close()
        return True
    return False


def old_release(selector: dict[str, str]) -> dict[str, Any]:
    return release(V1, 0, adopt={"deployment": NAME, "selector": selector})


def shop(selector: dict[str, str], **changes: Any) -> dict[str, Any]:
    common = {"adopt_service": True, "port_name": "web", "replicas": 3, "drain_seconds": DRAIN_SECONDS}
    return services.blue_green(blue=old_release(selector), **{**common, **changes})


def failed(result: Result) -> tuple[Counter[str], Counter[str]]:
    """Failures on new connections, and on kept ones, by class."""
    kinds: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for failure in result.failures:
        kinds[0 if failure.kind.endswith("-new") else 1][f"{failure.kind} {failure.failure}"] += 1
    return kinds


def same_service(before: dict[str, Any], now: dict[str, Any]) -> None:
    """But for what it selects, and notes of ours, the Service is as it was."""
    assert {key: now["spec"].get(key) for key in KEPT} == {key: before["spec"].get(key) for key in KEPT}
    assert now["metadata"]["labels"] == before["metadata"]["labels"]
    assert now["metadata"]["annotations"]["example.com/dns"] == "shop.example.com"


def test_a_life_from_adoption_to_a_release_of_its_own(
    stack: Stack, namespace: Namespace, selector: dict[str, str], prober: Prober
) -> None:
    before, workload = namespace.get("services", NAME), namespace.get("deployments", NAME)
    pods = existing.pods(namespace, selector)

    web = stack.services[NAME] = shop(selector, green=None)
    for changes in (stack.preview().changes, stack.must_up().changes):
        # Created: the stack, the component, blue's own Service.
        assert changes == {"create": 3, "import": 2}
    now = namespace.get("services", NAME)
    assert now["spec"] == before["spec"]
    same_service(before, now)
    assert namespace.get("deployments", NAME)["metadata"] == workload["metadata"]
    assert views.uids(existing.pods(namespace, selector)) == views.uids(pods)
    assert set(stack.must_up().changes) == {"same"}
    seen = cutover(stack, "status", "--json").json()["stacks"][0]["services"][NAME]
    assert (seen["state"], seen["liveColor"], seen["drift"]) == ("healthy", "blue", [])

    web["green"] = release(V2)
    stack.must_up()
    assert views.uids(existing.pods(namespace, selector)) == views.uids(pods)
    assert existing.restarts(existing.pods(namespace, selector)) == 0
    assert namespace.get("services", NAME)["spec"] == before["spec"]
    assert {views.names(existing.pods(namespace, selector))[0].rpartition("-")[0].rpartition("-")[0]} == {NAME}

    web["active"] = "green"
    assert stack.preview().changes["update"] == 1
    assert stack.must_up().changes["update"] == 1
    assert views.live_color(namespace, NAME) == "green"
    same_service(before, namespace.get("services", NAME))
    fresh = existing.pods(namespace, selector)
    assert not views.uids(fresh) & views.uids(pods)
    web["active"] = "blue"
    stack.must_up()
    assert namespace.get("services", NAME)["spec"] == before["spec"]
    web["active"] = "green"
    stack.must_up()
    same_service(before, namespace.get("services", NAME))

    web["blue"] = release(V3)
    assert stack.must_up().changes["delete"] == 1
    assert namespace.find("deployments", NAME) is None
    web["active"] = "blue"
    stack.must_up()
    assert views.images(views.ready_pods(namespace, NAME, "blue")) == {V3}
    same_service(before, namespace.get("services", NAME))
    result = prober.stop()
    new, kept = failed(result)
    print(f"{sum(1 for _ in result.answers)} answers; failed on new connections {new}, on kept ones {kept}")
    assert {answer.version for answer in result.answers} == {V1, V2, V3}
    assert new == Counter()
    stack.watcher.plan({})
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


def test_what_helm_made_keeps_serving_beside_the_first_release(stack: Stack, namespace: Namespace) -> None:
    existing.make(namespace, manager=HELMS)
    before = namespace.get("services", NAME)
    web = stack.services[NAME] = shop(HELM, replicas=2)
    stack.must_up()
    assert namespace.get("services", NAME)["spec"] == before["spec"]
    assert existing.restarts(existing.pods(namespace, HELM)) == 0
    assert views.images(existing.pods(namespace, HELM)) == {V1}  # none of the new release is among them
    web["active"] = "green"
    stack.must_up()
    assert views.live_color(namespace, NAME) == "green"
    same_service(before, namespace.get("services", NAME))


def test_what_may_not_be_is_refused_and_nothing_moves(stack: Stack, namespace: Namespace) -> None:
    existing.make(namespace)
    before = namespace.get("services", NAME)
    stack.save()
    namespace.patch("deployments", NAME, {"spec": {"paused": True}})
    said = cutover(stack, "adopt", NAME, "--yes", "--json")
    assert said.code == 3
    assert "is paused" in said.json()["message"]
    namespace.patch("deployments", NAME, {"spec": {"paused": False}})
    assert cutover(stack, "adopt", "shop", "--deployment", NAME, "--yes").code == 2  # no Service of that name
    eventually("the rollout's end", lambda: cutover(stack, "adopt", NAME, "--yes").code == 0)
    assert "\n    web:\n      strategy: blue-green\n" in stack.file.read_text()
    web = stack.services[NAME] = shop(SELECTOR, active="green")
    refused = stack.up()
    assert refused.code != 0
    assert "was not adopted yet" in refused.said
    assert namespace.get("services", NAME)["spec"] == before["spec"]
    web["active"] = "blue"
    stack.must_up()
    web["blue"] = release(V3)  # while it serves
    refused = stack.up()
    assert refused.code != 0
    assert "with release 1-0-0-b0, which was adopted" in refused.said
    web["blue"] = old_release(SELECTOR) | {"image": f"{REPOSITORY}:{V3}"}  # a new image for what is left as it is
    refused = stack.up()
    assert refused.code != 0
    assert "adopts pods that run" in refused.said
    assert namespace.get("services", NAME)["spec"] == before["spec"]
    assert existing.restarts(existing.pods(namespace)) == 0


def test_a_rolling_service_hands_over_in_one_update(
    stack: Stack, namespace: Namespace, selector: dict[str, str], prober: Prober
) -> None:
    before, pods = namespace.get("services", NAME), existing.pods(namespace, selector)
    common = {"adopt_service": True, "port_name": "web", "replicas": 3, "drain_seconds": DRAIN_SECONDS}
    web = stack.services[NAME] = services.rolling(release=old_release(selector), **common)
    stack.must_up()
    assert namespace.get("services", NAME)["spec"] == before["spec"]
    assert views.uids(existing.pods(namespace, selector)) == views.uids(pods)
    assert set(stack.must_up().changes) == {"same"}

    web["release"] = release(UNREADY)
    web["progress_deadline_seconds"] = 5
    assert stack.up().code != 0
    assert namespace.get("services", NAME)["spec"] == before["spec"]
    assert views.uids(existing.pods(namespace, selector)) == views.uids(pods)

    web["release"] = release(V2)
    web["progress_deadline_seconds"] = 60
    changes = stack.must_up().changes
    assert (changes["update"], changes["delete"]) == (2, 1)  # the new Deployment and the Service; the old Deployment
    assert views.images(views.ready_pods(namespace, NAME)) == {V2}
    assert namespace.find("deployments", NAME) is None
    same_service(before, namespace.get("services", NAME))
    web["release"] = release(V3)
    assert stack.must_up().changes["update"] == 1
    result = prober.stop()
    new, kept = failed(result)
    print(f"{sum(1 for _ in result.answers)} answers; failed on new connections {new}, on kept ones {kept}")
    assert {answer.version for answer in result.answers} == {V1, V2, V3}
    assert new == Counter()
