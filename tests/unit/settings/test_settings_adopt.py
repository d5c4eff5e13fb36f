"""Adopted releases: what goes together with them, and what does not is one problem at its own path."""

from typing import Any

import pytest

from components.rules.errors import ConfigError
from components.stack.load import parse
from components.strategies.blue_green.settings import BlueGreenSettings

ADOPT = {"deployment": "web", "selector": {"app": "web"}}
BLUE = {"version": "1.0.0", "build": 0, "image": "shop:1.0.0", "adopt": ADOPT}
GREEN = {"version": "1.1.0", "build": 1, "image": "shop:1.1.0"}


def shop(**changes: Any) -> dict[str, Any]:
    made = {"strategy": "blue-green", "active": "blue", "port": 80, "adopt_service": True, "blue": BLUE, "green": GREEN}
    return {key: value for key, value in {**made, **changes}.items() if value is not None}


def rolling(**changes: Any) -> dict[str, Any]:
    return {"strategy": "rolling", "port": 80, "adopt_service": True, "release": BLUE, **changes}


def test_a_release_may_be_what_runs_already() -> None:
    settings = parse("ns", {"shop": shop(), "worker": rolling()})
    blue = settings.blue_green("shop").blue
    assert blue is not None
    assert blue.adopt is not None
    assert (blue.adopt.deployment, blue.adopt.selector) == ("web", {"app": "web"})


def test_the_service_stays_adopted_when_no_release_is() -> None:
    settings = parse("ns", {"shop": shop(blue=GREEN)})
    assert isinstance(settings.services["shop"], BlueGreenSettings)
    assert settings.services["shop"].adopt_service


@pytest.mark.parametrize(
    ("service", "path", "says"),
    [
        (shop(adopt_service=None), "adopt_service", "blue adopts the Deployment 'web', but adopt_service is not set"),
        (rolling(adopt_service=False), "adopt_service", "release adopts the Deployment 'web'"),
        (shop(green={**GREEN, "adopt": ADOPT}), "green.adopt", "both colors are adopted"),
        (shop(expose_both=True), "expose_both", "while blue is adopted"),
        (
            shop(
                autoscale={"min_replicas": 2, "max_replicas": 4},
                resources={"requests": {"cpu": "100m"}},
            ),
            "autoscale",
            "while blue is adopted",
        ),
        (
            rolling(autoscale={"min_replicas": 2, "max_replicas": 4}, resources={"requests": {"cpu": "100m"}}),
            "autoscale",
            "while release is adopted",
        ),
        (shop(before_cutover={"image": "m:1.0.0"}), "before_cutover", "while blue is adopted"),
        (rolling(after_cutover={"image": "m:1.0.0"}), "after_cutover", "while release is adopted"),
        (shop(cutover="labels", workload="replica-set"), "cutover", "labels while adopt_service is set"),
        (shop(blue={**BLUE, "env": {"A": "b"}}), "blue.env", "given to a release that is adopted"),
        (shop(blue={**BLUE, "config": {"A": "b"}}), "blue.config", "given to a release that is adopted"),
        (
            shop(blue={**BLUE, "adopt": {**ADOPT, "selector": {"cutover.dev/color": "blue"}}}),
            'blue.adopt.selector["cutover.dev/color"]',
            "its own pods",
        ),
        (shop(blue={**BLUE, "adopt": {**ADOPT, "selector": {}}}), "blue.adopt.selector", ""),
        (shop(blue={**BLUE, "adopt": {**ADOPT, "selector": {"a b": "c"}}}), 'blue.adopt.selector["a b"]', "no"),
        (shop(blue={**BLUE, "adopt": {**ADOPT, "selector": {"app": "a b"}}}), "blue.adopt.selector.app", "value of a"),
        (shop(port_name="web_port"), "port_name", "'web_port' is not the name of a port"),
        (shop(port_name="8080"), "port_name", "'8080' is not the name of a port"),
    ],
)
def test_what_does_not_go_together_is_said_with_its_path(service: Any, path: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse("ns", {"shop": service})
    assert [problem.path for problem in refused.value.problems] == [f"cutover:services.shop.{path}"]
    assert says in refused.value.problems[0].what


def test_a_member_of_a_group_is_not_adopted() -> None:
    service = {key: value for key, value in shop().items() if key != "active"}
    with pytest.raises(ConfigError, match="'shop' has an adopted color"):
        parse("ns", {"shop": service}, {"all": {"active": "blue", "services": ["shop"]}})
