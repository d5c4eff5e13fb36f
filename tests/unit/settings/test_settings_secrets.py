"""Secrets name keys of the stack's config; what is wrong with one is said at once, and no value ever shows."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.config import set_all_config
from pydantic import SecretStr

from components.rules.errors import ConfigError
from components.settings import Release
from components.stack.load import load_settings, parse
from components.strategies.blue_green.settings import BlueGreenSettings

BLUE = {"version": "1.4.0", "build": 12, "image": "shop:1.4.0"}
GREEN = {"version": "1.5.0", "build": 3, "image": "shop:1.5.0"}
SHOP: dict[str, Any] = {"strategy": "blue-green", "active": "blue", "port": 8080, "blue": BLUE, "green": GREEN}
WORKER: dict[str, Any] = {"strategy": "rolling", "port": 8081, "release": BLUE}
CANARY = "c4n4ry-in-the-mine"
PLACE = "cutover:services.shop"


@pytest.fixture(autouse=True)
def _no_config_stays() -> Iterator[None]:
    yield
    set_all_config({}, [])


def refused(services: dict[str, Any], keys: dict[str, str] | None = None, plain: tuple[str, ...] = ()) -> ConfigError:
    config = {"cutover:namespace": "shop", "cutover:services": json.dumps(services), **(keys or {})}
    set_all_config(config, [key for key in keys or {} if key not in plain])
    with pytest.raises(ConfigError) as error:
        load_settings(pulumi.Config("cutover"))
    assert CANARY not in str(error.value)
    return error.value


def test_each_unusable_key_is_said_with_all_else_that_is_wrong() -> None:
    services = {
        "shop": {
            **SHOP,
            "replicas": "3",
            "secrets": {"A": "missing", "B": "plain"},
            "blue": {**BLUE, "secrets": {"C": "empty", "D": "fine"}},
        },
        "worker": {**WORKER, "release": {**BLUE, "secrets": {"E": "other:missing"}}},
    }
    keys = {"cutover:plain": CANARY, "cutover:empty": "", "cutover:fine": CANARY}
    found = {problem.path: problem for problem in refused(services, keys, plain=("cutover:plain",)).problems}
    assert {path: problem.what for path, problem in found.items() if ".secrets." in path} == {
        f"{PLACE}.secrets.A": "the stack's config has no cutover:missing",
        f"{PLACE}.secrets.B": "cutover:plain is in the stack's config as plain text",
        f"{PLACE}.blue.secrets.C": "cutover:empty is empty",
        "cutover:services.worker.release.secrets.E": "the stack's config has no other:missing",
    }
    assert found[f"{PLACE}.secrets.A"].fix == "pulumi config set --secret cutover:missing"
    assert found[f"{PLACE}.secrets.B"].fix.startswith("pulumi config set --secret cutover:plain, ")
    assert f"{PLACE}.replicas" in found


@pytest.mark.parametrize(("value", "says"), [(f"{CANARY}\0", "a NUL character"), (CANARY * 9000, "bytes, more than")])
def test_a_value_that_no_variable_can_hold(value: str, says: str) -> None:
    services = {"shop": {**SHOP, "secrets": {"A": "odd"}}}
    (problem,) = refused(services, {"cutover:odd": value}).problems
    assert (problem.path, says in problem.what) == (f"{PLACE}.secrets.A", True)


@pytest.mark.parametrize("field", ["config", "env"])
def test_what_a_service_and_its_release_hold_together(field: str) -> None:
    half = {f"K{number}": "x" * 100_000 for number in range(6)}
    other = {f"L{number}": "x" * 100_000 for number in range(6)}
    with pytest.raises(ConfigError) as error:
        parse("shop", {"shop": {**SHOP, field: half, "green": {**GREEN, field: other}}})
    assert [problem.path for problem in error.value.problems] == [f"{PLACE}.green.{field}"]


def test_keys_of_versions_side_by_side_are_looked_up_too() -> None:
    twice = {**BLUE, "secrets": {"A": "missing"}, "env": {"A": "x"}}
    beside = {"strategy": "side-by-side", "port": 80, "versions": {"v1": twice, "secrets": BLUE}}
    found = refused({"secrets": beside}).problems
    assert [(problem.path, problem.what) for problem in found] == [
        ("cutover:services.secrets.versions.v1.secrets.A", "A is given in secrets and in versions.v1.env"),
        ("cutover:services.secrets.versions.v1.secrets.A", "the stack's config has no cutover:missing"),
    ]


def test_good_keys_are_taken_and_their_values_are_not_in_the_settings() -> None:
    services = {"shop": {**SHOP, "secrets": {"PASSWORD": "db"}}}
    config = {"cutover:namespace": "shop", "cutover:services": json.dumps(services), "cutover:db": CANARY}
    set_all_config({**config, "cutover:old": CANARY}, ["cutover:db", "cutover:old"])  # an old one, kept to go back to
    settings = load_settings(pulumi.Config("cutover"))
    assert settings.services["shop"].secrets == {"PASSWORD": "db"}
    assert CANARY not in repr(settings)


@pytest.mark.parametrize("value", [f"{CANARY} with a space", 7355608, None, [CANARY], {"secure": CANARY}, ""])
def test_what_is_no_key_is_refused_and_not_shown(value: Any) -> None:
    error = refused({"shop": {**SHOP, "blue": {**BLUE, "secrets": {"PASSWORD": value}}}})
    assert [problem.path for problem in error.problems] == [f"{PLACE}.blue.secrets.PASSWORD"]
    assert "pulumi config set --secret cutover:<key>" in str(error)
    assert "7355608" not in str(error)


@pytest.mark.parametrize("key", ["services", "cutover:services", "namespace", "groups"])
def test_a_setting_is_no_secret(key: str) -> None:
    (problem,) = refused({"shop": {**SHOP, "secrets": {"PASSWORD": key}}}).problems
    assert "is a setting of the stack, not a secret" in problem.what


@pytest.mark.parametrize("field", ["env", "config"])
@pytest.mark.parametrize("owner", ["service", "release"])
def test_a_variable_is_given_once(field: str, owner: str) -> None:
    twice = {field: {"PASSWORD": CANARY}}
    service = {**SHOP, "secrets": {"PASSWORD": "db"}}
    with pytest.raises(ConfigError) as error:
        parse(
            "shop", {"shop": {**service, **twice} if owner == "service" else {**service, "green": {**GREEN, **twice}}}
        )
    (problem,) = error.value.problems
    assert problem.path == f"{PLACE}.secrets.PASSWORD"
    assert problem.what.endswith(f"in {field}" if owner == "service" else f"in green.{field}")
    assert CANARY not in str(error.value)


def test_the_release_s_own_key_goes_over_the_service_s() -> None:
    assert parse("shop", {"shop": {**SHOP, "secrets": {"A": "one"}, "green": {**GREEN, "secrets": {"A": "two"}}}})


def test_one_release_has_one_secret() -> None:
    with pytest.raises(ConfigError, match="differ in secrets"):
        parse("shop", {"shop": {**SHOP, "green": {**BLUE, "secrets": {"A": "one"}}}})


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"config_files": {"etc/app": "x"}}, 'config_files["etc/app"]', "is not the absolute path of a file"),
        ({"config_files": {"/etc/app/": "x"}}, 'config_files["/etc/app/"]', "is not the absolute path of a file"),
        ({"config_files": {"/etc/app": 1}}, 'config_files["/etc/app"]', "is a number, text is wanted"),
        ({"config_files": {"/a": "x", "/a/b": "y"}}, 'config_files["/a"]', "is a file here and a directory of /a/b"),
        ({"config_files": {"/data": "x"}}, 'config_files["/data"]', "is in writable_paths too"),
        ({"config_files": {"/var": "x"}}, 'config_files["/var"]', "is a file here and a directory of /var/lib"),
        ({"config_files": {"/big": "x" * 2**20}}, "config_files", "config_files holds 1048580 bytes"),
        (
            {"config_files": {"/a": "x"}, "green": {**GREEN, "config_files": {"/a/b": "x"}}},
            'green.config_files["/a"]',
            "is a file here and a directory of /a/b",
        ),
    ],
)
def test_files_that_cannot_be_mounted(changes: dict[str, Any], path: str, says: str) -> None:
    paths = {"writable_paths": ["/data", "/var/lib"]}
    with pytest.raises(ConfigError) as error:
        parse("shop", {"shop": {**SHOP, **paths, **changes}})
    (problem,) = error.value.problems
    assert problem.path == f"{PLACE}.{path}"
    assert says in problem.what


def test_a_file_may_lie_in_a_writable_directory() -> None:
    paths = {"writable_paths": ["/data"]}
    assert parse("shop", {"w": {**WORKER, **paths, "config_files": {"/data/a": "x"}}})


@given(st.text(min_size=4, alphabet=st.characters(exclude_characters="*'", codec="utf-8")))
def test_no_form_of_a_model_shows_a_value(value: str) -> None:
    hidden = SecretStr(f"<{value}>")
    release = Release(version="1", build=1, image="shop:1", secrets={"A": hidden})
    settings = BlueGreenSettings(port=80, active="blue", blue=release, secrets={"B": hidden})
    for model in (release, settings):
        for shown in (repr(model), str(model), f"{model}", model.model_dump_json(), repr(model.model_dump())):
            assert f"<{value}>" not in shown
    assert settings == BlueGreenSettings(port=80, active="blue", blue=release, secrets={"B": SecretStr(f"<{value}>")})


def test_an_empty_value_is_refused() -> None:
    with pytest.raises(ConfigError, match="the value is empty"):
        Release(version="1", build=1, image="shop:1", secrets={"A": SecretStr("")})
