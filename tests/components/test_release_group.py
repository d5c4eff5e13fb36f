"""What a group registers, and that all its gates pass before any switch."""

import asyncio
import itertools
from typing import Any

import pytest

from components import ConfigError, Release, ReleaseGroup
from components.hooks.engine import all_of
from components.rules.errors import NotReady
from tests.components.fakes import FakeCluster, Recorder, make_pod, run_program

BLUE = Release(version="1.0.0", build=1, image="shop:1")
GREEN = Release(version="2.0.0", build=7, image="shop:2")
MEMBER: dict[str, Any] = {"port": 8080, "service_port": 8000, "blue": BLUE, "green": GREEN, "gate_timeout_seconds": 1}


STEP: dict[str, Any] = {"args": ["migrate"], "timeout_seconds": 5}


def build(cluster: FakeCluster, member: dict[str, Any] = MEMBER, **more: Any) -> ReleaseGroup:
    made: list[ReleaseGroup] = []

    def program() -> Any:
        services = {"shop-api": member, "web": member}
        made.append(ReleaseGroup("shop", namespace="ns", active="green", services=services, cluster=cluster, **more))
        return made[0].active

    run_program(program)
    return made[0]


@pytest.mark.parametrize("switch", ["in-order", "at-once"])
@pytest.mark.parametrize("jobs", [{}, {"before_cutover": STEP, "after_cutover": STEP}], ids=["", "jobs"])
def test_everything_that_is_to_serve_comes_before_any_switch(
    recorder: Recorder, cluster: FakeCluster, jobs: dict[str, Any], switch: str
) -> None:
    """And what was left after all of them, callers first."""
    build(cluster, MEMBER | jobs, switch=switch)
    names = [(r.type.rpartition(":")[2], r.name) for r in recorder.resources]
    stages = [  # the members of one stage go side by side: none of them waits for another
        [("Deployment", "shop-api-green-2-0-0-b7"), ("Deployment", "web-green-2-0-0-b7")],
        [("Service", "shop-api"), ("Service", "web")],
        [("Deployment", "web-blue-1-0-0-b1")],
        [("Deployment", "shop-api-blue-1-0-0-b1")],
    ]
    places = [[names.index(step) for step in stage] for stage in stages]
    for before, after in itertools.pairwise(places):
        assert max(before) < min(after), places


def test_a_color_is_told_where_the_same_color_of_the_others_is(recorder: Recorder, cluster: FakeCluster) -> None:
    build(cluster)
    for color, release in (("blue", "1-0-0-b1"), ("green", "2-0-0-b7")):
        pod = recorder.find("Deployment", f"web-{color}-{release}")["spec"]["template"]["spec"]
        assert pod["containers"][0]["env"] == [
            {"name": "SHOP_API_URL", "value": f"http://shop-api-{color}.ns.svc:8000"}
        ]


def test_a_refusal_of_one_member_is_the_refusal_of_all(recorder: Recorder, cluster: FakeCluster) -> None:
    group = build(cluster, switch="at-once")
    first = group.members["shop-api"].stages
    cluster.all_pods = [
        make_pod(f"api-{number}", first.target.selector, image=GREEN.image) for number in range(first.target.replicas)
    ]
    asyncio.run(first.gate.check())  # ready itself
    with pytest.raises(NotReady, match="web: green 2-0-0-b7 is not ready"):
        asyncio.run(group._all_pass())


def test_a_failure_waits_for_what_goes_on_beside_it() -> None:
    ended: list[str] = []

    async def fail(reason: str) -> None:
        raise NotReady(reason, "because", "so")

    async def slow() -> None:
        await asyncio.sleep(0.05)
        ended.append("slow")

    with pytest.raises(NotReady, match="first"):
        asyncio.run(all_of(slow(), fail("first"), fail("second")))
    assert ended == ["slow"]


def test_errors_name_the_member(recorder: Recorder, cluster: FakeCluster) -> None:
    def program() -> Any:
        fields = {**MEMBER, "replicas": 0}
        return ReleaseGroup("shop", namespace="ns", active="green", services={"web": fields}, cluster=cluster).active

    with pytest.raises(ConfigError, match=r"shop\.web"):
        run_program(program)


def test_nobody_is_told_an_address_of_a_worker(recorder: Recorder, cluster: FakeCluster) -> None:
    def program() -> Any:
        worker = {key: value for key, value in MEMBER.items() if key != "service_port"} | {"port": None}
        services = {"web": MEMBER, "mailer": worker}
        return ReleaseGroup("shop", namespace="ns", active="green", services=services, cluster=cluster).active

    run_program(program)
    for name, told in (("web", []), ("mailer", [{"name": "WEB_URL", "value": "http://web-green.ns.svc:8000"}])):
        (app,) = recorder.find("Deployment", f"{name}-green-2-0-0-b7")["spec"]["template"]["spec"]["containers"]
        assert [one for one in app.get("env") or [] if one["name"].endswith("_URL")] == told
