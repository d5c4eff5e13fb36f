"""Groups: members take the group's color; what does not fit is one problem at its own path."""

from typing import Any

import pytest

from components.rules.errors import ConfigError
from components.stack.load import parse


def service(**changes: Any) -> dict[str, Any]:
    releases = {
        color: {"version": version, "build": 1, "image": f"shop:{version}"}
        for color, version in (("blue", "1.0.0"), ("green", "1.1.0"))
    }
    return {"strategy": "blue-green", "port": 80, **releases, **changes}


WORKER = {"strategy": "rolling", "port": 80, "release": {"version": "1.0.0", "build": 1, "image": "w:1.0.0"}}
GROUP = {"active": "green", "services": ["api", "web"]}


def test_members_take_the_group_s_color() -> None:
    settings = parse("ns", {"api": service(), "web": service(active="green")}, {"shop": GROUP})
    assert {name: settings.blue_green(name).active for name in settings.services} == {"api": "green", "web": "green"}
    assert settings.groups["shop"].services == ("api", "web")
    assert settings.groups["shop"].switch == "in-order"


@pytest.mark.parametrize(
    ("services", "groups", "path", "says"),
    [
        ({"api": service()}, {"shop": GROUP}, "groups.shop.services[1]", "'web' is no service of this stack"),
        (
            {"api": service(), "worker": WORKER},
            {"shop": {"active": "green", "services": ["api", "worker"]}},
            "groups.shop.services[1]",
            "'worker' is a rolling service",
        ),
        (
            {"api": service(), "web": service(active="blue")},
            {"shop": GROUP},
            "services.web.active",
            "active is blue, but 'web' belongs to the group 'shop', whose active is green",
        ),
        (
            {"api": service(), "web": service()},
            {"shop": GROUP, "till": {"active": "green", "services": ["web"]}},
            "groups.till.services[0]",
            "'web' is in 'shop' already",
        ),
        ({"api": service()}, {"shop": {"active": "green", "services": []}}, "groups.shop.services", ""),
        ({"api": service()}, {"shop": {"active": "red", "services": ["api"]}}, "groups.shop.active", "red"),
        ({"api": service(active="blue")}, {"shop": {"active": "blue", "servces": ["api"]}}, "groups.shop.servces", ""),
        ({"api": service(active="blue")}, ["api"], "groups", "list"),
    ],
)
def test_what_does_not_fit_is_said_with_its_path(services: Any, groups: Any, path: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse("ns", services, groups)
    found = {problem.path: problem for problem in refused.value.problems}
    assert f"cutover:{path}" in found, list(found)
    assert says in found[f"cutover:{path}"].what
    assert found[f"cutover:{path}"].fix


def test_a_service_of_no_group_still_needs_a_color() -> None:
    with pytest.raises(ConfigError) as refused:
        parse("ns", {"api": service(), "lone": service()}, {"shop": {"active": "blue", "services": ["api"]}})
    assert [problem.path for problem in refused.value.problems] == ["cutover:services.lone.active"]


OWN = {"parents": [{"name": "gw"}]}
SHARE = {**GROUP, "canary": {"weight": 10}}
LABELS = {"cutover": "labels", "workload": "replica-set"}


def test_a_canary_is_the_group_s_and_a_member_that_is_called_needs_no_route() -> None:
    group = {**SHARE, "color_header": "x-color"}
    settings = parse("ns", {"api": service(), "web": service(route=OWN)}, {"shop": group}).groups["shop"]
    assert settings.canary
    assert (settings.canary.weight, settings.color_header) == (10, "x-color")


@pytest.mark.parametrize(
    ("services", "group", "path", "says"),
    [
        ({}, SHARE, "groups.shop.canary", "canary is given, and no member has a route"),
        ({"route": OWN, "canary": {"weight": 1}}, GROUP, "services.web.canary", "'web' has a canary of its own"),
        (
            {"route": {"http_route": "public"}},
            {**GROUP, "color_header": "x-color"},
            "groups.shop.color_header",
            "color_header is x-color, and no member has a route of its own",
        ),
        ({**LABELS}, SHARE, "services.web.cutover", "cutover of 'web' is labels, and its group has a canary"),
        (
            {"route": {"http_route": "public"}},
            {**SHARE, "canary": {"weight": 10, "match": [{"header": "x", "value": "y"}]}},
            "groups.shop.canary.match",
            "web: match is given for the HTTPRoute public, which exists",
        ),
        (
            {"route": OWN, "blue": None},
            SHARE,
            "groups.shop.canary.weight",
            "web: weight is 10, but the idle color blue",
        ),
        (
            {"route": OWN, "blue": {"version": "1.0.0", "build": 1, "image": "a:1", "rollback": "forbidden"}},
            SHARE,
            "groups.shop.canary.weight",
            "web: weight is 10, and blue's release has rollback: forbidden",
        ),
        ({"route": OWN}, {**GROUP, "color_header": "x color"}, "groups.shop.color_header", "x color"),
    ],
)
def test_what_no_group_can_share_is_said_with_its_path(services: Any, group: Any, path: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse("ns", {"api": service(), "web": service(**services)}, {"shop": group})
    found = {problem.path: problem for problem in refused.value.problems}
    assert f"cutover:{path}" in found, list(found)
    assert says in found[f"cutover:{path}"].what
    assert found[f"cutover:{path}"].fix


def test_a_worker_takes_no_share_and_needs_no_second_release() -> None:
    worker = service(port=None, blue=None)
    group = {**SHARE, "services": ["api", "web", "mailer"]}
    parse("ns", {"api": service(), "web": service(route=OWN), "mailer": worker}, {"shop": group})
