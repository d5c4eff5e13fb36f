"""Two versions of one service at once: pinned consumers stay with theirs, and the front moves behind its gates."""

from pathlib import Path

import pytest

from tests.lifecycle import kills, services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.load import DRAIN_SECONDS, load, load_goes_on, lost
from tests.lifecycle.services import BROKEN, IMPATIENT, SMOKE, V1, V2, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def front(namespace: Namespace) -> str:
    """The instance that the front sends to."""
    return str(namespace.get("services", "api")["spec"]["selector"][views.INSTANCE])


def settled(namespace: Namespace, revision: str) -> bool:
    """Whether the switch to a release was carried to its end."""
    annotations = namespace.get("services", "api")["metadata"]["annotations"]
    return annotations.get("cutover.dev/completed") == revision and "cutover.dev/draining" not in annotations


def test_pinned_consumers_stay_while_the_front_moves(stack: Stack, namespace: Namespace) -> None:
    stack.services["api"] = services.side_by_side(smoke=SMOKE, drain_seconds=DRAIN_SECONDS)
    stack.must_up()
    first = views.uids(views.pods(namespace, "api-v1"))
    with load(namespace, "api", "api-v1", "api-v2") as probers:
        stack.services["api"]["active"] = "v2"
        assert stack.preview().changes["update"] == 1  # the front
        stack.must_up()
        probers["api"].mark("done")
        load_goes_on(probers)
        results = {name: prober.stop() for name, prober in probers.items()}
    after = results["api"].window(results["api"].marks["done"])
    assert {name: lost(result) for name, result in results.items()} == {name: [] for name in results}
    assert set(results["api-v1"].versions) == {V1}
    assert set(results["api-v2"].versions) == {V2}
    assert set(after.versions) == {V2}, "kept connections left v1 too"
    assert settled(namespace, "1-1-0-b1")
    assert not first & views.uids(views.pods(namespace, "api-v1"))
    assert set(stack.must_up().changes) == {"same"}
    status = cutover(stack, "status", "--json")
    assert status.code == 0, status
    seen = status.json()["stacks"][0]["services"]
    assert {name: (one["state"], one["liveColor"]) for name, one in seen.items()} == {
        "api": ("healthy", "v2"),
        "api-v1": ("healthy", None),
        "api-v2": ("healthy", None),
    }


def test_a_rolling_service_becomes_the_first_version(stack: Stack, namespace: Namespace) -> None:
    stack.services["api"] = services.rolling(env={}, drain_seconds=DRAIN_SECONDS)
    stack.must_up()
    before = namespace.get("services", "api")["metadata"]["uid"]
    with load(namespace, "api") as probers:
        stack.services["api"] = services.side_by_side(drain_seconds=DRAIN_SECONDS)
        stack.must_up()
        result = probers["api"].stop()
    assert lost(result) == []
    assert namespace.get("services", "api")["metadata"]["uid"] == before
    assert front(namespace) == "api-v1"
    assert namespace.names("deployments") == ["api-v1", "api-v2"]
    assert set(stack.must_up().changes) == {"same"}


def test_a_version_that_answers_wrongly_is_refused_and_nothing_moves(stack: Stack, namespace: Namespace) -> None:
    stack.services["api"] = services.side_by_side(versions={"v1": release(V1)}, smoke=SMOKE)
    stack.must_up()
    before = views.version(namespace, "api")
    stack.services["api"] |= {"versions": {"v1": release(V1), "v2": release(BROKEN)}, "active": "v2"}
    stack.services["api"]["smoke"] = IMPATIENT
    refused = stack.up()
    assert refused.code != 0
    assert "api-v2: GET /version failed its smoke check" in refused.said
    assert "Traceback" not in refused.said
    assert views.version(namespace, "api") == before
    stack.services["api"]["versions"]["v2"] = release(V2)
    stack.services["api"]["smoke"] = SMOKE
    stack.must_up()
    assert front(namespace) == "api-v2"


@pytest.mark.wide  # as between two fronts, in test_environments.py
def test_killed_at_the_switch_then_another_wish(stack: Stack, namespace: Namespace, tmp_path: Path) -> None:
    stack.services["api"] = services.side_by_side()
    stack.must_up()
    reached = views.uids(views.pods(namespace, "api-v2"))
    stack.services["api"]["active"] = "v2"
    kills.up_killed(stack, tmp_path / "events.jsonl", "group", lambda _: front(namespace) == "api-v2")
    stack.services["api"]["active"] = "v1"
    kills.up_again(stack)
    assert front(namespace) == "api-v1"
    assert settled(namespace, "1-0-0-b1")
    assert not reached & views.uids(views.pods(namespace, "api-v2")), "what the front had reached was drained"
    assert set(stack.must_up().changes) == {"same"}


def test_a_moved_front_goes_back_and_a_retired_version_goes_last(stack: Stack, namespace: Namespace) -> None:
    stack.services["api"] = services.side_by_side()
    stack.must_up()
    selector = {"spec": {"selector": {views.INSTANCE: "api-v2"}}}
    namespace.patch("services", "api", selector)
    said = stack.must_up().said
    assert "the live Service selects {'app.kubernetes.io/instance': 'api-v2'}" in said
    assert front(namespace) == "api-v1"
    stack.services["api"] |= {"active": "v2", "versions": {"v2": release(V2)}}
    stack.must_up()
    assert namespace.names("services") == ["api", "api-v2"]
    gone = [e for e in stack.watcher.events() if e.kind == "services" and e.type == "DELETED" and e.name == "api-v1"]
    moved = [
        event
        for event in stack.watcher.events()
        if event.kind == "services"
        and event.name == "api"
        and event.object["spec"]["selector"] == selector["spec"]["selector"]
    ]
    assert moved[-1].revision < gone[0].revision
    del stack.services["api"]["active"]
    stack.must_up()
    assert namespace.names("services") == ["api-v2"]
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)
