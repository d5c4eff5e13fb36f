"""Environments: what the config means, what it may not say, and that no two objects of a good config share a name."""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.rules import names
from components.rules.errors import ConfigError
from components.stack.load import parse
from components.stack.settings import StackSettings

RELEASE = {"version": "1.0.0", "build": 1, "image": "api:1.0.0"}
ROLLING = {"strategy": "rolling", "port": 80, "release": RELEASE}
BLUE_GREEN = {"strategy": "blue-green", "port": 80, "active": "blue", "blue": RELEASE, "expose_both": True}
VERSIONS = {"strategy": "side-by-side", "port": 80, "versions": {"v1": RELEASE}}


def environments(**changes: Any) -> dict[str, Any]:
    builds = {name: {"services": {"web": ROLLING, "api": BLUE_GREEN}} for name in ("coco-1", "coco-2")}
    return {"active": "coco-1", "builds": builds, **changes}


def problems(found: object, services: object = None) -> dict[str, str]:
    with pytest.raises(ConfigError) as refused:
        parse("ns", services, environments=found)
    assert all(problem.fix and problem.why for problem in refused.value.problems)
    return {problem.path.removeprefix("cutover:"): problem.what for problem in refused.value.problems}


def test_environments_need_no_other_service() -> None:
    found = parse("ns", None, environments=environments()).environments
    assert found is not None
    assert found.in_front == ("web", "api")
    assert parse("ns", {"web-1": ROLLING}, environments=environments(fronts=["web"])).environments is not None


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"active": "coco-3"}, "active", "active is coco-3, which is none of the builds (coco-1, coco-2)"),
        ({"active": "coco"}, "active", "'coco' (4 characters) is not the name of an environment"),
        ({"active": "Coco-1"}, "active", "is not the name of an environment"),
        ({"builds": {"coco-1": {"services": {}}}}, "builds.coco-1.services", "empty"),
        ({"builds": {"coco-1": {"services": {"web": VERSIONS}}}}, "builds.coco-1.services.web.strategy", ""),
        (
            {"builds": {"coco-1": {"services": {"web": {**ROLLING, "replicas": 0}}}}},
            "builds.coco-1.services.web.replicas",
            "replicas is 0",
        ),
        ({"fronts": ["web", "till"]}, "fronts[1]", "'till' is a front, and coco-1, coco-2 has no such service"),
        ({"smoke": {"till": {"path": "/"}}}, "smoke.till", "'till' is a service of no environment"),
        (
            {"builds": environments()["builds"] | {"coco-2": {"services": {"web": {**ROLLING, "service_port": 81}}}}},
            "builds.coco-2.services.web.service_port",
            "service_port is 81, and 80 in coco-1",
        ),
        (
            {"builds": {"coco-1": {"services": {"rolling": {**ROLLING, "drain_seconds": -1}}}}},
            "builds.coco-1.services.rolling.drain_seconds",
            "drain_seconds is -1",
        ),
        (
            {"builds": {"coco-1": {"services": {"web": {**ROLLING, "rolling": 1}}}}},
            "builds.coco-1.services.web.rolling",
            "rolling is not a setting here",
        ),
        (
            {"builds": {"coco-1": {"services": {"web": {**ROLLING, "release": {**RELEASE, "rollback": "forbidden"}}}}}},
            "builds.coco-1.services.web.release.rollback",
            "rollback is set on a service of an environment",
        ),
        (
            {
                "builds": {
                    "coco-1": {"services": {"web": {**BLUE_GREEN, "cutover": "labels", "workload": "replica-set"}}}
                }
            },
            "builds.coco-1.services.web.cutover",
            "cutover is set on a service of an environment",
        ),
    ],
)
def test_what_does_not_fit_is_said_with_its_path(changes: dict[str, Any], path: str, says: str) -> None:
    found = problems(environments(**changes))
    assert list(found) == [f"environments.{path}"]
    assert says in found[f"environments.{path}"]


@pytest.mark.parametrize(
    ("service", "guest"),
    [
        ({"web": ROLLING}, "environments.builds.coco-1.services.web"),
        ({"web-coco-2": ROLLING}, "environments.builds.coco-2.services.web"),
        ({"api-coco-1-blue": ROLLING}, "services.api-coco-1-blue"),
        ({"api-coco-1-blue-1-0-0-b1": ROLLING}, "services.api-coco-1-blue-1-0-0-b1"),
    ],
)
def test_names_of_environments_are_taken(service: dict[str, Any], guest: str) -> None:
    found = problems(environments(), service)
    assert list(found) == [guest]
    assert "would both make a" in found[guest]


WORDS = ("a", "a-b", "a-blue", "a-v1", "a-c-1", "a-c-1-blue", "a-c-1-v1", "a-all", "a-b-c-1")
kinds = st.sampled_from([ROLLING, BLUE_GREEN, VERSIONS, {**VERSIONS, "active": "v1"}])
services = st.dictionaries(st.sampled_from(WORDS), kinds, max_size=4)
inner = st.dictionaries(st.sampled_from(WORDS), st.sampled_from([ROLLING, BLUE_GREEN]), min_size=1, max_size=3)
builds = st.dictionaries(
    st.sampled_from(["c-1", "b-1", "b-11"]), st.fixed_dictionaries({"services": inner}), min_size=1
)


def made_by(stack: StackSettings) -> Iterator[tuple[str, str]]:
    """Every (kind, name) that the components make of it. Of their own accord here: not by the rule's own function."""
    assert stack.environments is not None
    every = [(name, service) for name, service in stack.services.items()]
    for build, each in stack.environments.builds.items():
        every += [(names.environment_name(name, build), service) for name, service in each.services.items()]
    yield from (("Service", name) for name in {n for b in stack.environments.builds.values() for n in b.services})
    for name, service in every:
        if service.strategy == "blue-green":
            yield from (("Service", one) for one in names.service_names(name, both_colors=True))
            yield "Deployment", names.workload_name(name, "blue", "1-0-0-b1")
        elif service.strategy == "rolling":
            yield from itertools.product(("Service", "Deployment"), [name])
        else:
            yield "Service", name
            yield from itertools.product(("Service", "Deployment"), [names.version_name(name, "v1")])


def read(services: object, environments: object) -> StackSettings | ConfigError:
    try:
        return parse("ns", services, environments=environments)
    except ConfigError as refused:
        return refused


@settings(max_examples=300)
@given(services, builds)
def test_no_good_config_makes_two_objects_of_one_name(outer: dict[str, Any], found: dict[str, Any]) -> None:
    stack = read(outer, {"active": next(iter(found)), "builds": found})
    if isinstance(stack, ConfigError):
        assert {"would both make a" in problem.what for problem in stack.problems} == {True}
    else:
        assert [one for one, count in Counter(made_by(stack)).items() if count > 1] == []
