"""Names of versions and environments: DNS labels, that can be read back, and never stand for two things."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules import names
from components.rules.labels import is_label_value
from contract.releases import COLORS, MAX_NAME, color_service_name
from tests.unit.rules.test_rules_names import DNS_LABEL, SERVICES, services

keys = st.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True)
environments = st.from_regex(r"[a-z]{1,12}-[0-9]{1,4}", fullmatch=True)
anything = st.text(alphabet="abz-019._A", min_size=1, max_size=80)
# Keys of versions and names of environments as they may be, and as nobody should write them.
ENDINGS = [
    "v1",
    "v2",
    "v",
    "a",
    "b",
    "h0",
    "a-1",
    "b-1",
    "a-b-1",
    "1",
    "b-3",
    "blue",
    "green",
    "all",
    "smoke",
    "a-blue",
]


def derived(service: str) -> dict[tuple[str, ...], str]:
    """Every name of one service's own making, by what it is of."""
    made = {("version", service, end): names.version_name(service, end) for end in ENDINGS}
    made |= {("environment", service, end): names.environment_name(service, end) for end in ENDINGS}
    made |= {("color", service, color): color_service_name(service, color) for color in COLORS}
    return made | {("all", service): names.all_service_name(service)}


def test_no_two_things_share_a_name() -> None:
    """Versions, environments, colors and the one over both colors, of services whose names hold each other's words."""
    made = [(of, name) for service in SERVICES for of, name in derived(service).items()]
    assert len(made) > 10_000
    owner: dict[str, tuple[str, ...]] = {}
    clashes = [(owner[name], of) for of, name in made if owner.setdefault(name, of) != of]
    assert clashes == []


def test_a_service_of_an_environment_makes_names_of_its_own_too() -> None:
    places = [*itertools.product(SERVICES, ("a-1", "b-1", "b-11"))]
    made = [
        name
        for service, environment in places
        for inner in [names.environment_name(service, environment)]
        for name in (*names.service_names(inner, both_colors=True), names.version_name(inner, "v1"))
    ]
    assert len(set(made)) == len(made)


@given(services, anything, anything)
def test_every_name_is_a_dns_label_whatever_it_is_made_of(service: str, key: str, environment: str) -> None:
    inner = names.environment_name(service, environment)
    for name in (names.version_name(service, key), inner, names.version_name(inner, key)):
        assert DNS_LABEL.fullmatch(name), name
        assert is_label_value(name)


@given(st.tuples(services, anything), st.tuples(services, anything))
def test_other_inputs_have_other_names(one: tuple[str, str], two: tuple[str, str]) -> None:
    for name in (names.version_name, names.environment_name):
        assert (name(*one) == name(*two)) == (one == two)


@given(services, keys, environments)
def test_names_as_the_config_allows_them_are_read_back_from_the_end(service: str, key: str, environment: str) -> None:
    if names.is_version_key(key) and len(service) + len(key) < MAX_NAME:
        assert names.version_name(service, key) == f"{service}-{key}"
    if len(service) + len(environment) < MAX_NAME:
        assert names.environment_name(service, environment).rsplit("-", 2) == [service, *environment.split("-")]


@pytest.mark.parametrize("key", ["v1", "canary", "x2024q1"])
def test_words_are_version_keys(key: str) -> None:
    assert names.is_version_key(key)


@pytest.mark.parametrize("key", ["", "1", "v-1", "V1", "v1.0", "blue", "green", "all", "smoke"])
def test_what_reads_as_something_else_is_none(key: str) -> None:
    assert not names.is_version_key(key)


def test_they_read_like_what_they_name() -> None:
    assert names.version_name("api", "v2") == "api-v2"
    assert names.environment_name("storefront", "coco-1") == "storefront-coco-1"
    assert len(names.environment_name("s" * 60, "coco-1")) <= MAX_NAME
