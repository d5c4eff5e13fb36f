"""Kept releases: which workloads a service registers, what no Service sends to, and what of them is drained."""

import asyncio
import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import ConfigError, Release
from components.checks.served_before import mark_of
from components.cluster import watch as limits
from components.manifests.content import NOTHING
from components.rules.served import with_served
from components.strategies.blue_green.plan import Planner
from components.strategies.blue_green.settings import BlueGreenSettings
from contract.annotations import SERVED
from contract.releases import COLORS
from tests.components.fakes import FakeCluster, Recorder, make_pod, selector_cutover
from tests.components.test_blue_green_service import BLUE, GREEN, build
from tests.components.two_colors import view

OLD, OLDER = (Release(version=version, build=1, image=f"shop:{version}") for version in ("0.9.0", "0.8.0"))
BASE: dict[str, Any] = {"active": "blue", "port": 8080, "blue": BLUE, "green": GREEN}


def deployments(recorder: Recorder) -> dict[str, int]:
    """Name -> pods."""
    found = [one.inputs for one in recorder.resources if one.type.endswith(":Deployment")]
    return {one["metadata"]["name"]: one["spec"]["replicas"] for one in found}


def test_each_is_a_workload_of_the_idle_color_at_standby_size(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, keep=3, kept=(OLD, OLDER), replicas=3, standby_replicas=1)
    assert deployments(recorder) == {
        "shop-blue-1-0-0-b1": 3,
        "shop-green-2-0-0-b7": 1,
        "shop-green-0-9-0-b1": 1,
        "shop-green-0-8-0-b1": 1,
    }
    services = [one for one in recorder.resources if one.type.endswith(":Service")]
    assert {one.inputs["spec"]["selector"]["cutover.dev/revision"] for one in services} == {"1-0-0-b1", "2-0-0-b7"}
    assert {one.name for one in services} == {"shop", "shop-blue", "shop-green"}


def test_what_they_hold_alike_is_made_once(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, keep=2, kept=(OLD,), config={"A": "1"})
    maps = [one.name for one in recorder.resources if one.type.endswith(":ConfigMap")]
    assert len(maps) == len(set(maps)) == 2, "one of each color"


RELEASES = [Release(version=f"{number}.0.0", build=1, image=f"shop:{number}") for number in range(5)]


@given(
    order=st.permutations(RELEASES),
    active=st.sampled_from(COLORS),
    cutover=st.sampled_from(["deployment", "replica-set"]),
)
def test_a_kept_release_that_takes_the_idle_color_is_the_very_workload_that_stood_by(
    order: list[Release], active: Any, cutover: Any
) -> None:
    """The way back to a kept release starts no pod: its workload has the same name, selector and template."""
    live, standby, *kept = order
    idle = "green" if active == "blue" else "blue"
    common: dict[str, Any] = {"port": 80, "workload": cutover, "keep": 4}

    def plan(colors: dict[str, Any], kept: list[Release], active: Any) -> dict[str, Any]:
        settings = BlueGreenSettings(**common, **colors, kept=tuple(kept), active=active)
        planner = Planner("shop", "p", settings, lambda *_: NOTHING)
        found = [*planner.kept(), *filter(None, map(planner.color, COLORS))]
        assert len({one.name for one in found}) == len(found), "no two of a name"
        for one, other in itertools.combinations(found, 2):
            assert one.selector != other.selector
        return {one.name: (one.selector, one.template) for one in found}

    before = plan({active: live, idle: standby}, kept, active)
    for target in kept:
        rest = [standby, *(one for one in kept if one is not target)]
        after = plan({active: live, idle: target}, rest, idle)
        (name,) = (name for name in before if name.startswith(f"shop-{idle}-{target.id}"))
        assert after[name] == before[name]
        released = plan(
            {active: live, idle: Release(version="9", build=9, image="shop:9")}, [standby, *kept][:3], active
        )
        assert set(before) - set(released) <= {f"shop-{idle}-{kept[-1].id}", *(n for n in before if kept[-1].id in n)}


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"kept": (OLD,)}, ["kept"]),
        ({"keep": 2, "kept": (OLD, OLDER)}, ["kept"]),
        ({"keep": 3, "kept": (OLD, OLD)}, ["kept[1]"]),
        ({"keep": 2, "kept": (GREEN.model_copy(update={"image": "shop:x"}),)}, ["kept[0]"]),
        ({"keep": 2, "kept": (OLD,), "expose_both": True}, ["kept"]),
        ({"keep": 2, "kept": (OLD,), "port": None}, ["kept"]),
        ({"keep": 2, "kept": (OLD,), "replicas": 4, "canary": {"weight": 25}}, ["kept"]),
        ({"keep": 2, "kept": [{"version": "1", "build": 1, "image": "shop"}]}, ["kept[0].image"]),
        ({"keep": 2, "kept": [{**OLD.model_dump(exclude={"adopt"}), "env": {"A": "1"}, "secrets": {"A": "key"}}]},
         ["kept[0].secrets.A"]),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_by_its_path(changes: dict[str, Any], paths: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        BlueGreenSettings(**BASE | changes)
    assert [one.path.removeprefix("BlueGreenSettings.") for one in raised.value.problems] == paths


def test_one_that_a_color_has_too_is_no_workload_more() -> None:
    settings = BlueGreenSettings(**BASE, keep=3, kept=(GREEN, OLD))
    assert [one.id for one in settings.kept_beside] == [OLD.id]


@pytest.mark.parametrize("last", ["kept", "green"])
def test_of_kept_releases_only_the_one_that_served_is_drained(
    monkeypatch: pytest.MonkeyPatch, said: list[str], last: str
) -> None:
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.01)
    target, idle, kept = (
        view("blue", "3.0.0", "shop:3"),
        view("green", "2.0.0", "shop:2"),
        view("green", "1.0.0", "shop:1"),
    )
    cluster = FakeCluster()
    for one in (target, idle, kept):
        cluster.all_pods += [make_pod(f"{one.revision}-{n}", one.selector, one.release.image) for n in range(2)]
    cluster.switch(target.selector)
    served = with_served((mark_of(idle),), mark_of(kept if last == "kept" else idle))
    assert cluster.live
    cluster.live = replace(cluster.live, annotations={SERVED: served})
    asyncio.run(selector_cutover("shop", cluster, said.append).finish(target, idle, recycle=True, kept=[kept]))
    ended = {line.split()[1].rpartition("-")[0] for line in cluster.asked if line.startswith("end")}
    assert ended == ({idle.revision, kept.revision} if last == "kept" else {idle.revision})
