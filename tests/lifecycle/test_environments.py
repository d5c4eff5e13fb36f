"""Environments side by side: one key moves every front, all or none; clients of every kind lose nothing by it."""

from pathlib import Path
from typing import Any

import pytest

from tests.lifecycle import kills, services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import DRAIN_SECONDS, load, load_goes_on, lost
from tests.lifecycle.services import BROKEN, IMPATIENT, SMOKE, V1, V2, release
from tests.lifecycle.stack import Json, Stack
from tests.lifecycle.varieties import varieties

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
ENVIRONMENT = "cutover.dev/environment"


def build(tag: str, replicas: int = 1, **more: Json) -> Json:
    """An environment of a web service and an API."""
    made: dict[str, Json] = {
        "web": services.rolling(release=release(tag), replicas=replicas),
        "api": services.blue_green(blue=release(tag), green=None, replicas=replicas),
    }
    return {"services": made | more}


def two(stack: Stack, replicas: int = 1, **changes: Any) -> Json:
    """Two environments, `coco-1` with V1 and `coco-2` with V2, of which the first serves."""
    builds = {"coco-1": build(V1, replicas), "coco-2": build(V2, replicas)}
    stack.environments = {"active": "coco-1", "gate_timeout_seconds": 30, "builds": builds, **changes}
    return stack.environments


def fronts(namespace: Namespace, *names: str) -> list[str]:
    """The environment that each front sends to."""
    return [str(namespace.get("services", name)["spec"]["selector"][ENVIRONMENT]) for name in names or ("web", "api")]


def completed(namespace: Namespace) -> bool:
    """Whether the last switch was carried to its end, at every front."""
    notes = [namespace.get("services", name)["metadata"]["annotations"] for name in ("web", "api")]
    return all("cutover.dev/completed" in one and "cutover.dev/draining" not in one for one in notes)


def test_one_key_moves_every_front_under_load(stack: Stack, namespace: Namespace) -> None:
    environments = two(stack, replicas=2, smoke={"web": SMOKE})
    for each in environments["builds"].values():
        for service in each["services"].values():
            # pods stop as those of most servers do, not at once
            service |= {"env": {}, "drain_seconds": DRAIN_SECONDS}
    stack.must_up()
    first = views.uids(views.pods(namespace, "web-coco-1"))
    with load(namespace, "web", "api", "web-coco-1") as probers:
        environments["active"] = "coco-2"
        stack.must_up()
        for prober in probers.values():
            prober.mark("done")
        load_goes_on(probers)
        results = {name: prober.stop() for name, prober in probers.items()}
    assert {name: lost(result) for name, result in results.items()} == {name: [] for name in results}
    for name in ("web", "api"):
        after = results[name].window(results[name].marks["done"])
        assert set(after.versions) == {V2}, "kept connections left the old environment too"
    assert set(results["web-coco-1"].versions) == {V1}, "an environment stays at its own address"
    assert fronts(namespace) == ["coco-2", "coco-2"]
    assert completed(namespace)
    assert not first & views.uids(views.pods(namespace, "web-coco-1"))
    assert set(stack.must_up().changes) == {"same"}


def test_the_refusal_of_one_service_moves_none(stack: Stack, namespace: Namespace) -> None:
    environments = two(stack, smoke={"web": SMOKE})
    stack.must_up()
    before = {name: views.version(namespace, name) for name in ("web", "api")}
    environments["builds"]["coco-3"] = build(V2, web=services.rolling(release=release(BROKEN)))
    environments |= {"active": "coco-3", "smoke": {"web": IMPATIENT}}
    refused = stack.up()
    assert refused.code != 0
    assert "web-coco-3: GET /version failed its smoke check" in refused.said
    assert "Traceback" not in refused.said
    assert {name: views.version(namespace, name) for name in before} == before
    environments |= {"active": "coco-1", "smoke": {"web": SMOKE}}
    del environments["builds"]["coco-3"]
    stack.must_up()
    assert not [name for name in views.snapshot(namespace) if "coco-3" in name]


def test_killed_between_two_fronts(stack: Stack, namespace: Namespace, tmp_path: Path) -> None:
    environments = two(stack)
    stack.must_up()
    for number, (there, then) in enumerate((("coco-2", "coco-1"), ("coco-2", "coco-2"))):
        environments["active"] = there
        kills.up_killed(stack, tmp_path / f"{number}.jsonl", "group", lambda _: "coco-2" in fronts(namespace))
        environments["active"] = then
        kills.up_again(stack)
        assert fronts(namespace) == [then, then]
        assert completed(namespace)
    assert set(stack.must_up().changes) == {"same"}


def test_the_driver_moves_the_fronts_and_goes_back(stack: Stack, namespace: Namespace) -> None:
    two(stack)
    stack.must_up()
    planned = cutover(stack, "plan", "--promote", "coco-2")
    assert planned.code == 0, planned
    assert "switch Service web: web-coco-1 -> web-coco-2" in planned.out
    promoted = cutover(stack, "promote", "coco-2", "--yes")
    assert promoted.code == 0, promoted
    assert fronts(namespace) == ["coco-2", "coco-2"]
    status = cutover(stack, "status", "--json")
    assert status.code == 0, status
    seen = status.json()["stacks"][0]["services"]
    assert {seen[name]["liveColor"] for name in ("web", "api")} == {"coco-2"}
    assert {one["state"] for one in seen.values()} == {"healthy"}
    again = cutover(stack, "promote", "coco-2", "--yes")
    assert "nothing to do" in again.out, again
    back = cutover(stack, "rollback", "environments", "--yes")
    assert back.code == 0, back
    assert fronts(namespace) == ["coco-1", "coco-1"]


@pytest.mark.parametrize("killed", varieties([False, True], narrow=[True]), ids=["to its end", "killed on the way"])
def test_what_is_left_and_removed_in_one_edit_answers_while_what_it_calls_stands(
    stack: Stack, namespace: Namespace, tmp_path: Path, killed: bool
) -> None:
    environments = two(stack, recycle=False)
    for each in environments["builds"].values():
        each["services"]["web"]["drain_seconds"] = 3
    stack.must_up()
    served = views.uids(views.pods(namespace, "web-coco-1"))
    environments["active"] = "coco-2"
    del environments["builds"]["coco-1"]
    if killed:
        kills.up_killed(stack, tmp_path / "up.jsonl", "group", lambda _: fronts(namespace) == ["coco-2", "coco-2"])
        kills.up_again(stack)
    else:
        stack.must_up()
    assert completed(namespace)
    eventually("nothing of what was retired", lambda: not [one for one in views.snapshot(namespace) if "coco-1" in one])
    gone = [one for one in stack.watcher.events() if one.type == "DELETED"]
    left = [one.revision for one in gone if one.object["metadata"]["uid"] in served]
    deleted = [one.revision for one in gone if one.kind == "services" and "coco-1" in one.name]
    assert len(left) == len(served)
    assert len(deleted) == 3, "web's own, and two of the API's"
    assert max(left) < min(deleted), "while a pod held connections of the front, the engine deleted what it calls"


def test_environments_carry_their_name_differ_come_and_go(stack: Stack, namespace: Namespace) -> None:
    environments = two(stack)
    stack.services["own"] = services.rolling()
    environments["builds"]["coco-2"] = build(V2, search=services.rolling(release=release(V2)))
    stack.must_up()
    assert namespace.find("services", "search") is None, "its environment does not serve yet"
    for name, made in views.snapshot(namespace).items():
        if "coco-1" in name:
            assert made["labels"][ENVIRONMENT] == "coco-1", name
    pod = views.pods(namespace, "web-coco-1")[0]
    told = {one["name"]: one.get("value") for one in pod["spec"]["containers"][0]["env"]}
    assert told["API_URL"] == f"http://api-coco-1.{namespace.name}.svc:80"
    environments["active"] = "coco-2"
    stack.must_up()
    assert fronts(namespace, "web", "api", "search") == ["coco-2"] * 3
    api = environments["builds"]["coco-2"]["services"]["api"]
    api |= {"active": "green", "green": release(V1, 2)}  # a cutover within the environment that serves
    del environments["builds"]["coco-1"]
    stack.must_up()
    assert (
        namespace.get("services", "api")["spec"]["selector"]
        == namespace.get("services", "api-coco-2-green")["spec"]["selector"]
    )
    eventually("nothing of what was retired", lambda: not [one for one in views.snapshot(namespace) if "coco-1" in one])
    stack.environments = {}
    stack.must_up()
    assert namespace.names("services") == ["own"]
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)
