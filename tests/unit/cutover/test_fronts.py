"""Versions side by side as the driver sees them: each a service, and a front that sends to one of them."""

from pathlib import Path
from typing import Any

import pytest

from components.rules import names
from contract.annotations import COMPLETED, DRAINING
from contract.labels import COMPONENT, ENVIRONMENT, INSTANCE
from cutover.errors import UsageError
from cutover.observe.facts import gather
from cutover.observe.fronts import judge_fronts
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from cutover.operations.promote.fronts import paths, promotable, units
from cutover.stackfile.view import StackView, parse_view
from cutover.strategies.fronts import environment_name, version_name
from cutover.strategies.releases import id_of
from tests.unit.cutover.objects import NOW, V1, V2, blue_green, deployment, rolling, service, view

Json = dict[str, Any]


def config(**changes: Any) -> StackView:
    api = {"strategy": "side-by-side", "port": 80, "replicas": 2, "versions": {"v1": V1, "v2": V2}, "active": "v1"}
    return view(api={key: value for key, value in (api | changes).items() if value is not None})


def front(key: str, **annotations: str) -> Json:
    made = service("api", None)
    made["metadata"] |= {"labels": {INSTANCE: "api", COMPONENT: "front"}, "annotations": annotations}
    made["spec"]["selector"] = {INSTANCE: f"api-{key}"}
    return made


def status(stack: StackView, *fronts: Json) -> dict[str, ServiceStatus]:
    workloads = []
    for key, release in (("v1", V1), ("v2", V2)):
        made = deployment(None, release, replicas=0)
        for labels in (made["metadata"]["labels"], made["spec"]["template"]["metadata"]["labels"]):
            labels[INSTANCE] = f"api-{key}"
        workloads.append(made)
    found = gather([service("api-v1", None), service("api-v2", None), *fronts], workloads, [], NOW)
    services = judge(stack, found)
    return services | judge_fronts(stack, found, services)


def test_each_version_is_a_rolling_service_at_its_place_in_the_file() -> None:
    services = config().services
    assert list(services) == ["api-v1", "api-v2"]
    assert {one.strategy for one in services.values()} == {"rolling"}
    assert services["api-v2"].release == V2
    assert services["api-v2"].slot_path("release") == ("cutover:services", "api", "versions", "v2")


@pytest.mark.parametrize("odd", [{"versions": None}, {"versions": []}, {"versions": "v1"}, {"active": None}])
def test_what_has_no_front_is_left_to_the_program(odd: Json) -> None:
    assert config(**odd).fronts == {}


def test_names_are_those_of_the_program() -> None:
    assert version_name("api", "v1") == names.version_name("api", "v1")


def test_a_front_is_healthy_where_it_sends_as_the_config_says() -> None:
    seen = status(config(), front("v1", **{COMPLETED: id_of(V1)}))["api"]
    assert (seen.strategy, seen.active_color, seen.live_color, seen.completed) == ("front", "v1", "v1", True)
    assert {key: color.role for key, color in seen.colors.items()} == {"v1": "live", "v2": "standby"}
    assert (seen.drift, seen.state) == ((), "healthy")


@pytest.mark.parametrize(
    ("fronts", "says"),
    [
        ([], "config sends to v1, cluster not there"),
        ([front("v2", **{COMPLETED: id_of(V2)})], "config sends to v1, cluster sends to v2"),
        ([front("v9")], "config sends to v1, cluster sends to api-v9"),
        ([front("v1", **{COMPLETED: id_of(V1), DRAINING: "api-v2"})], "begun, not carried to its end"),
    ],
)
def test_a_front_that_is_elsewhere_is_drift(fronts: list[Json], says: str) -> None:
    assert says in status(config(), *fronts)["api"].drift[0]


def environments(**changes: Any) -> StackView:
    web, api = rolling(), blue_green(green=None)
    builds = {"coco-1": {"services": {"web": web, "api": api}}, "coco-2": {"services": {"web": web, "search": web}}}
    found = {"active": "coco-1", "builds": builds} | changes
    return parse_view({"config": {"cutover:environments": found}}, Path("Pulumi.test.yaml"))


def test_services_of_environments_are_services_at_their_place_in_the_file() -> None:
    services = environments().services
    assert list(services) == ["web-coco-1", "api-coco-1", "web-coco-2", "search-coco-2"]
    api = services["api-coco-1"]
    home = ("cutover:environments", "builds", "coco-1", "services", "api")
    assert (api.active, api.active_path, api.slot_path("blue")) == ("blue", (*home, "active"), (*home, "blue"))
    assert environment_name("web", "coco-2") == names.environment_name("web", "coco-2")


def test_the_fronts_are_those_of_the_active_environment_or_those_named() -> None:
    assert list(environments().fronts) == ["web", "api"]
    assert list(environments(fronts=["web"]).fronts) == ["web"]
    assert environments().fronts["web"].backends == {"coco-1": "web-coco-1", "coco-2": "web-coco-2"}
    odd_ones: list[object] = [None, [], "coco-1", {"coco-1": None}, {"coco-1": {"services": []}}]
    for odd in odd_ones:
        assert environments(builds=odd).fronts == {}


def test_versions_and_environments_are_promoted_by_name_and_fronts_rolled_back() -> None:
    assert promotable(config(), ["api-v2"]) == {"api": "v2"}
    assert promotable(environments(), ["coco-2"]) == {"environments": "coco-2"}
    assert promotable(environments(), ["web-coco-2"]) == promotable(config(), []) == {}
    assert units(environments(), ["web", "api"]) == units(environments(), ["environments"]) == ["environments"]
    assert units(config(), ["api-v1"]) == []
    assert paths(environments(), {"environments": "coco-2"}) == {("cutover:environments", "active"): "coco-2"}


@pytest.mark.parametrize(
    ("given", "says"),
    [(["api-v1", "api-v2"], "api cannot go to v1 and to v2"), (["api-v1", "shop"], "api-v1 and shop do not move")],
)
def test_what_does_not_move_in_one_go_is_refused(given: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        promotable(config(), given)


def test_a_service_of_an_environment_has_its_environment_in_its_selector() -> None:
    live = service("web-coco-1", None)
    made = deployment(None, replicas=0)
    for labels in (made["metadata"]["labels"], made["spec"]["template"]["metadata"]["labels"]):
        labels[INSTANCE] = "web-coco-1"
    stack = environments(builds={"coco-1": {"services": {"web": rolling(replicas=0)}}})
    assert "selector of the live Service" in judge(stack, gather([live], [made], [], NOW))["web-coco-1"].drift[0]
    live["spec"]["selector"][ENVIRONMENT] = "coco-1"
    assert judge(stack, gather([live], [made], [], NOW))["web-coco-1"].drift == ()
