"""Loading: everything wrong in one go, secrets refused unread, constructors with the same words, sensible defaults."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.config import set_all_config

from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.settings import HttpProbe, Release, SmokeCheck
from components.settings.parse import from_fields
from components.stack.load import load_settings, parse
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.rolling.settings import RollingSettings
from contract.releases import COLORS

BLUE = {"version": "1.4.0", "build": 12, "image": "shop:1.4.0"}
GREEN = {"version": "1.5.0", "build": 3, "image": "shop:1.5.0"}
SHOP: dict[str, Any] = {"strategy": "blue-green", "active": "blue", "port": 8080, "blue": BLUE, "green": GREEN}
WORKER: dict[str, Any] = {"strategy": "rolling", "port": 8081, "release": BLUE}


@pytest.fixture(autouse=True)
def _no_config_stays() -> Iterator[None]:
    yield
    set_all_config({})


def paths(error: pytest.ExceptionInfo[ConfigError]) -> list[str]:
    return [problem.path for problem in error.value.problems]


def loaded(config: dict[str, str], secrets: list[str] | None = None) -> Any:
    set_all_config(config, secrets)
    return load_settings(pulumi.Config("cutover"))


def test_everything_wrong_is_said_at_once() -> None:
    services = {
        "shop": {**SHOP, "drain_seconds": 40, "replicas": "3", "standby_replicas": 9, "blue": {**BLUE, "image": "x"}},
        "worker": {**WORKER, "prot": 1, "max_surge": 0},
        "Bad": {"strategy": "blue-green"},
        "none": None,
    }
    with pytest.raises(ConfigError) as error:
        parse("kube-system", services)
    assert paths(error) == [
        "cutover:namespace",
        "cutover:services.shop.replicas",
        "cutover:services.shop.blue.image",
        "cutover:services.shop.termination_grace_seconds",
        "cutover:services.worker.prot",
        "cutover:services.worker.max_unavailable",
        "cutover:services.Bad",
        "cutover:services.Bad.port",
        "cutover:services.Bad.active",
        "cutover:services.none",
    ]


def test_a_rule_whose_own_field_is_wrong_stays_silent() -> None:
    with pytest.raises(ConfigError) as error:
        parse("shop", {"shop": {**SHOP, "drain_seconds": "40", "termination_grace_seconds": 3}})
    assert paths(error) == ["cutover:services.shop.drain_seconds"]


def test_names_are_compared_only_between_services_that_stand() -> None:
    services = {"shop": {**SHOP, "expose_both": True}, "shop-all": WORKER, "shop-blue": WORKER}
    with pytest.raises(ConfigError) as error:
        parse("shop", services)
    assert paths(error) == ["cutover:services.shop-all", "cutover:services.shop-blue"]
    assert parse("shop", {"shop": SHOP, "shop-all": WORKER}).services["shop-all"].port == 8081


def test_two_blue_green_services_may_not_meet_either() -> None:
    with pytest.raises(ConfigError) as error:
        parse("shop", {"shop-blue": SHOP, "shop": SHOP})
    assert paths(error) == ["cutover:services.shop-blue"]


@pytest.mark.parametrize(
    ("fields", "path", "says"),
    [
        ({"replicas": 3, "autoscale": {"min_replicas": 2, "max_replicas": 4}}, "replicas", "together with autoscale"),
        (
            {"max_surge": 0, "max_unavailable": "30%", "autoscale": {"min_replicas": 3, "max_replicas": 4}},
            "max_unavailable",
            "max_surge 0 and max_unavailable '30%' of autoscale.min_replicas 3 round to 0 and 0 pods",
        ),
    ],
)
def test_rules_of_autoscaling(fields: dict[str, Any], path: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse("shop", {"w": {**WORKER, "resources": {"requests": {"cpu": "1"}}, **fields}})
    assert paths(error) == [f"cutover:services.w.{path}"]
    assert says in error.value.problems[0].what


@pytest.mark.parametrize("field", ["max_surge", "max_unavailable"])
def test_a_replica_set_takes_no_surge(field: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse("shop", {"shop": {**SHOP, "workload": "replica-set", field: 1}})
    assert paths(error) == [f"cutover:services.shop.{field}"]
    assert "a ReplicaSet never replaces its pods" in error.value.problems[0].why
    assert parse("shop", {"shop": {**SHOP, "workload": "replica-set"}}).namespace == "shop"


def test_surge_is_judged_at_the_color_with_the_fewest_pods() -> None:
    fields = {"replicas": 4, "max_surge": 0, "max_unavailable": "25%"}
    assert parse("shop", {"shop": {**SHOP, **fields, "standby_replicas": 0}}).services
    with pytest.raises(ConfigError) as error:
        parse("shop", {"shop": {**SHOP, **fields, "standby_replicas": 3}})
    assert "of standby_replicas 3 round to 0 and 0 pods" in error.value.problems[0].what


def test_one_release_in_both_colors_is_fine_while_it_is_the_same() -> None:
    assert parse("shop", {"shop": {**SHOP, "green": BLUE}}).services
    with pytest.raises(ConfigError) as error:
        parse("shop", {"shop": {**SHOP, "active": "green", "green": {**BLUE, "env": {"TOKEN": "s3cret"}}}})
    assert paths(error) == ["cutover:services.shop.blue.build"]
    assert "differ in env" in str(error.value)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("namespace", [None, "", "Shop", "a.b", "-a", "x" * 64, "kube-public"])
def test_a_namespace_that_cannot_be(namespace: str | None) -> None:
    with pytest.raises(ConfigError) as error:
        parse(namespace, {"shop": SHOP})
    assert paths(error) == ["cutover:namespace"]


@pytest.mark.parametrize(
    ("services", "says"),
    [(None, "services is missing"), ({}, "services is empty"), ([], "services is a list"), ("x", "services is 'x'")],
)
def test_services_that_are_none(services: Any, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse("shop", services)
    assert paths(error) == ["cutover:services"]
    assert says in error.value.problems[0].what
    assert "`up` would delete all that run" in error.value.problems[0].why


def test_the_program_s_config_is_read() -> None:
    settings = loaded({"cutover:namespace": "shop", "cutover:services": json.dumps({"shop": SHOP, "worker": WORKER})})
    assert settings == parse("shop", {"shop": SHOP, "worker": WORKER})


def test_text_that_is_no_mapping_is_a_problem_not_a_traceback() -> None:
    with pytest.raises(ConfigError) as error:
        loaded({"cutover:namespace": "shop", "cutover:services": "storefront"})
    assert paths(error) == ["cutover:services"]


def test_no_config_at_all_names_both_keys() -> None:
    with pytest.raises(ConfigError) as error:
        loaded({})
    assert paths(error) == ["cutover:namespace", "cutover:services"]


def test_a_secret_is_refused_and_never_shown() -> None:
    services = {"shop": {**SHOP, "replicas": "wrong", "env": {"TOKEN": "s3cret"}}}
    with pytest.raises(ConfigError) as error:
        loaded({"cutover:namespace": "shop", "cutover:services": json.dumps(services)}, ["cutover:services"])
    assert paths(error) == ["cutover:services"]
    assert "s3cret" not in str(error.value)
    assert "env_from_secrets" in error.value.problems[0].fix


@pytest.mark.parametrize("place", ["env", "config"])
def test_what_belongs_to_the_application_is_never_shown(place: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse("shop", {"shop": {**SHOP, place: {"PIN": 7355608}, "blue": {**BLUE, place: {"PIN": 7355608}}}})
    assert "7355608" not in str(error.value)
    assert paths(error) == [f"cutover:services.shop.{place}.PIN", f"cutover:services.shop.blue.{place}.PIN"]


def test_a_constructor_gets_the_same_words() -> None:
    with pytest.raises(ConfigError) as error:
        from_fields(BlueGreenSettings, {"activ": "blue", "port": 8080, "blue": BLUE}, "storefront")
    assert str(error.value.problems[0]).startswith("storefront.activ\n")
    with pytest.raises(ConfigError) as error:
        Release(version="1.5.0", build=3, image="shop")
    assert paths(error) == ["Release.image"]
    with pytest.raises(ConfigError) as error:
        BlueGreenSettings(port=8080, active="green", blue=Release(**BLUE))  # type: ignore[arg-type]
    assert paths(error) == ["BlueGreenSettings.green"]


def test_a_constructor_takes_models_and_plain_data() -> None:
    plain = from_fields(RollingSettings, {"port": 80, "release": BLUE, "readiness": {"path": "/ok"}}, "w")
    typed = from_fields(
        RollingSettings,
        {
            "port": 80,
            "release": Release(version="1.4.0", build=12, image="shop:1.4.0"),
            "readiness": HttpProbe(path="/ok"),
        },
        "w",
    )
    assert plain == typed


def test_settings_cannot_be_changed() -> None:
    release = from_fields(Release, BLUE, "r")
    with pytest.raises(ValueError, match="frozen"):
        release.build = 13  # type: ignore[misc]


def test_what_the_settings_derive() -> None:
    settings = from_fields(BlueGreenSettings, {**SHOP, "replicas": 3}, "shop")
    assert (settings.standby, settings.idle) == (3, "green")
    assert from_fields(BlueGreenSettings, {**SHOP, "standby_replicas": 0}, "shop").standby == 0
    assert [found.id for color in COLORS if (found := settings.release(color))] == ["1-4-0-b12", "1-5-0-b3"]


def test_the_wanted_body_is_of_the_release_and_may_be_json() -> None:
    release = from_fields(Release, BLUE, "r")
    check = SmokeCheck(path="/version", expect_body='{"version": "{version}", "build": {build}, "x": {}}')
    assert check.body_for(release) == '{"version": "1.4.0", "build": 12, "x": {}}'
    assert SmokeCheck(path="/").body_for(release) is None


def test_the_defaults_are_the_safe_ones() -> None:
    settings = from_fields(RollingSettings, WORKER, "w")
    assert (settings.max_surge, settings.max_unavailable) == ("25%", 0)
    assert 0 < settings.drain_seconds < settings.termination_grace_seconds
    assert settings.min_ready_seconds < settings.progress_deadline_seconds
    assert settings.security.run_as_non_root
    assert settings.security.read_only_root_filesystem
    assert not settings.security.allow_privilege_escalation


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 70000)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "x", "25%", "/a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["path", "cpu", "a b", "{x}"]), inner),
    max_leaves=4,
)


@given(st.sampled_from(sorted({*BlueGreenSettings.model_fields, *RollingSettings.model_fields, "x.y", "{0}"})), VALUES)
def test_whatever_is_written_is_taken_or_explained(key: str, value: Any) -> None:
    found: list[Problem] = []
    try:
        parse("shop", {"shop": {**SHOP, key: value}, "worker": {**WORKER, key: value}})
    except ConfigError as error:
        found = error.problems or [Problem("", "", "", "")]
    assert [problem for problem in found if not problem.path.startswith("cutover:services.")] == []
    assert [problem for problem in found if min(len(problem.what), len(problem.why), len(problem.fix)) < 6] == []
