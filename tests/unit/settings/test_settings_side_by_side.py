"""Versions side by side: what the config means, what it may not say, and whose names meet."""

from typing import Any

import pytest

from components.rules.errors import ConfigError
from components.stack.load import parse
from components.strategies.versions.settings import SideBySideSettings

RELEASE = {"version": "1.0.0", "build": 1, "image": "api:1.0.0"}
OTHER = {"version": "2.0.0", "build": 1, "image": "api:2.0.0"}
ROLLING = {"strategy": "rolling", "port": 80, "release": RELEASE}
BLUE_GREEN = {"strategy": "blue-green", "port": 80, "active": "blue", "blue": RELEASE}


def api(**changes: Any) -> dict[str, Any]:
    return {"strategy": "side-by-side", "port": 80, "versions": {"v1": RELEASE, "v2": OTHER}, **changes}


def problems(services: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ConfigError) as refused:
        parse("ns", services)
    assert all(problem.fix and problem.why for problem in refused.value.problems)
    return {problem.path.removeprefix("cutover:services."): problem.what for problem in refused.value.problems}


def test_a_version_is_a_rolling_service_with_the_service_s_settings() -> None:
    service = parse("ns", {"api": api(replicas=3, env={"A": "1"}, active="v2")}).services["api"]
    assert isinstance(service, SideBySideSettings)
    second = service.version("v2")
    assert (second.replicas, second.env, second.release.version) == (3, {"A": "1"}, "2.0.0")
    assert second.strategy == "rolling"


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"active": "v3"}, "api.active", "active is v3, which is none of the versions (v1, v2)"),
        ({"active": "v-1"}, "api.active", "not usable as the name of a version"),
        ({"versions": {"green": RELEASE}}, "api.versions.green", "not usable as the name of a version"),
        ({"versions": {}}, "api.versions", "empty"),
        ({"versions": {"v1": {**RELEASE, "image": "api"}}}, "api.versions.v1.image", "neither a tag nor a digest"),
        ({"versions": {"v1": {**RELEASE, "rollback": "forbidden"}}}, "api.versions.v1.rollback", "serve at once"),
        ({"max_surge": 0}, "api.max_unavailable", "round to 0 and 0 pods"),
        ({"blue": RELEASE}, "api.blue", ""),
    ],
)
def test_what_does_not_fit_is_said_with_its_path(changes: dict[str, Any], path: str, says: str) -> None:
    found = problems({"api": api(**changes)})
    assert list(found) == [path]
    assert says in found[path]


@pytest.mark.parametrize(
    ("services", "guest", "shared"),
    [
        ({"api": api(), "api-v1": ROLLING}, "api", "Service named 'api-v1'"),
        ({"api": api(), "api-v1": BLUE_GREEN}, "api", "Service named 'api-v1'"),
        ({"api-v1": api(versions={"v2": RELEASE}), "api-v1-v2": ROLLING}, "api-v1", "Service named 'api-v1-v2'"),
        ({"api": BLUE_GREEN, "api-blue-1-0-0-b1": ROLLING}, "api-blue-1-0-0-b1", "Deployment named"),
    ],
)
def test_no_two_services_make_objects_of_one_name(services: dict[str, Any], guest: str, shared: str) -> None:
    found = problems(services)
    assert len(found) == 1
    assert shared in next(iter(found.values())), guest


def test_a_side_by_side_service_joins_no_group() -> None:
    with pytest.raises(ConfigError) as refused:
        parse("ns", {"api": api()}, {"shop": {"active": "blue", "services": ["api"]}})
    assert "'api' is a side-by-side service" in str(refused.value)
