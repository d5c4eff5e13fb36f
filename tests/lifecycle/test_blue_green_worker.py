"""A worker with two colors: nobody calls it, only the active color works, and there are always enough that do."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.judge import Wanted, why_not_ready
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import REPOSITORY, UNREADY, V1, V2, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def working(namespace: Namespace) -> dict[str, int]:
    """How many pods of each color are ready."""
    return {color: len(views.ready_pods(namespace, color=color)) for color in ("blue", "green")}


def fewest_at_work(stack: Stack) -> int:
    """The fewest pods of the worker that were ready and not told to stop, at any event of a pod since the first two."""
    works: dict[str, bool] = {}
    counts: list[int] = []
    for event in sorted(stack.watcher.events(), key=lambda one: one.revision):
        meta = event.object["metadata"]
        if event.kind == "pods" and (meta.get("labels") or {}).get("app.kubernetes.io/instance") == "shop":
            stays = event.type != "DELETED" and not meta.get("deletionTimestamp")
            works[meta["uid"]] = stays and why_not_ready(event.object) is None
            counts.append(sum(works.values()))
    since = counts.index(2)
    assert len(counts) - since > 10, counts
    return min(counts[since:])


def test_a_worker_is_released_refused_and_rolled_back(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(readiness={"path": "/readyz", "port": 9898})
    shop["port"] = None
    stack.must_up()
    live = namespace.get("services", "shop")["spec"]
    assert (live["clusterIP"], live.get("ports")) == ("None", None)
    assert working(namespace) == {"blue": 2, "green": 0}

    shop["active"] = "green"
    stack.must_up()
    assert views.live_color(namespace) == "green"
    assert working(namespace) == {"blue": 0, "green": 2}
    assert views.images(views.ready_pods(namespace)) == {V2}
    status = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert (status["state"], status["liveColor"]) == ("healthy", "green"), status

    before = views.version(namespace)
    shop |= {"active": "blue", "blue": release(UNREADY), "progress_deadline_seconds": 5}
    assert stack.up().code == 1
    assert views.version(namespace) == before
    assert working(namespace)["green"] == 2
    shop |= {"active": "green", "blue": release(V1), "progress_deadline_seconds": 60}
    stack.must_up()

    at_once = cutover(stack, "rollback", "shop", "--now", "--yes")
    assert (at_once.code, "blue has no ready pod" in at_once.out) == (3, True), at_once
    shop["active"] = "blue"
    stack.must_up()
    assert working(namespace) == {"blue": 2, "green": 0}
    assert stack.must_up().changes.keys() == {"same"}
    assert fewest_at_work(stack) == 2
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


@pytest.mark.wide
def test_a_standby_takes_the_work_at_once_beside_a_web_service_of_its_group(stack: Stack, namespace: Namespace) -> None:
    worker = services.blue_green(active=None, readiness={"path": "/readyz", "port": 9898}, standby_replicas=1)
    worker["port"] = None
    stack.services = {"shop": worker, "web": services.blue_green(active=None)}
    group = stack.groups["pair"] = {"active": "blue", "services": ["shop", "web"]}
    stack.must_up()
    assert working(namespace) == {"blue": 2, "green": 1}
    for service, told in (("shop", {"WEB_URL"}), ("web", set())):
        (app,) = views.ready_pods(namespace, service, "blue")[0]["spec"]["containers"]
        assert {one["name"] for one in app["env"] if one["name"].endswith("_URL")} == told
    group["active"] = "green"
    stack.must_up()
    assert working(namespace) == {"blue": 1, "green": 2}

    back = {"shop": Wanted("blue", f"{REPOSITORY}:{V1}", 1), "web": Wanted("blue", f"{REPOSITORY}:{V1}", 2)}
    stack.watcher.plan(back)
    at_once = cutover(stack, "rollback", "pair", "--now", "--yes")
    assert at_once.code == 0, at_once
    assert {views.live_color(namespace, name) for name in back} == {"blue"}
    assert working(namespace) == {"blue": 2, "green": 1}
    assert fewest_at_work(stack) >= 2
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)
