"""Names are DNS labels, can be read, and never stand for two things."""

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.rules import names
from components.rules.labels import is_label_value
from contract.releases import COLORS, MAX_RELEASE_ID, Color, color_service_name, release_id, runs_release
from contract.releases import other as other_color

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
# Few words and many dashes: whatever two inputs could share, these do.
WORDS = ("a", "b", "blue", "green", "all", "smoke", "1", "b3")
JOINED = ["-".join(words) for size in (1, 2, 3) for words in itertools.product(WORDS, repeat=size)]
SERVICES = [text for text in JOINED if text[0].isalpha()]

services = st.from_regex(r"[a-z]([-a-z0-9]{0,60}[a-z0-9])?", fullmatch=True)
versions = st.from_regex(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", fullmatch=True)
builds = st.integers(min_value=0, max_value=10**12)
colors = st.sampled_from(COLORS)


@pytest.mark.parametrize(
    ("version", "build", "wanted"),
    [
        ("1.5.0", 3, "1-5-0-b3"),
        ("1.5", 3, "1-5-b3"),
        ("1.5.0-rc.1", 3, "1-5-0--rc-1-b3"),
        ("v2", 0, "v2-b0"),
    ],
)
def test_a_plain_version_stays_readable(version: str, build: int, wanted: str) -> None:
    assert release_id(version, build) == wanted


def test_a_version_that_loses_letters_ends_in_a_hash() -> None:
    assert re.fullmatch(r"1-5-0-rc1-b3-h[0-9a-f]{8}", release_id("1.5.0_RC1", 3))


def test_no_two_releases_share_an_id() -> None:
    texts = ("".join(signs) for size in (1, 2, 3, 4) for signs in itertools.product("aA1b.-_", repeat=size))
    pairs = [(text, build) for text in texts if is_label_value(text) for build in (0, 1, 10)]
    pairs += [("1-5-0", 3), ("1.5.0", 3), ("1.5-0", 3), ("1.5.0-b3", 3), ("1.5.0.b3", 3), ("1.5.0-b3-b3", 3)]
    ids = {release_id(*pair): pair for pair in pairs}
    assert len(pairs) > 2000
    assert len(ids) == len(set(pairs))


@given(versions, builds)
def test_a_release_id_is_a_short_dns_label(version: str, build: int) -> None:
    release = release_id(version, build)
    assert len(release) <= MAX_RELEASE_ID
    assert DNS_LABEL.fullmatch(release)


@given(versions, versions, builds, builds)
def test_other_releases_have_other_ids(version: str, other: str, build: int, other_build: int) -> None:
    same = (version, build) == (other, other_build)
    assert (release_id(version, build) == release_id(other, other_build)) == same


def test_no_two_workloads_share_a_name() -> None:
    inputs = list(itertools.product(SERVICES, COLORS, JOINED[:72]))
    assert len({names.workload_name(*parts) for parts in inputs}) == len(inputs)


def test_no_two_configs_share_a_name() -> None:
    inputs: list[tuple[str, Color | None, str]] = [
        *itertools.product(SERVICES, COLORS, JOINED[:72]),
        *itertools.product(SERVICES, (None,), JOINED[:72]),
    ]
    assert len({names.config_name(*parts) for parts in inputs}) == len(inputs)


@given(services, colors, versions, builds)
def test_every_name_is_a_dns_label(service: str, color: Color, version: str, build: int) -> None:
    revision = names.revision(release_id(version, build), "0123456789")
    made = [
        names.workload_name(service, color, revision),
        names.config_name(service, color, "0123456789"),
        names.config_name(service, None, "0123456789"),
        names.job_name(service, color, revision),
        names.release_job_name(service, color, revision, "before"),
        names.release_job_name(service, None, revision, "after"),
        *names.service_names(service, both_colors=True)[1:],
    ]
    assert [name for name in made if not DNS_LABEL.fullmatch(name)] == []
    assert is_label_value(revision)


@given(services, services, colors, colors)
def test_long_names_are_cut_but_not_confused(service: str, other: str, color: Color, other_color: Color) -> None:
    tail = "z" * 50
    same = (service, color) == (other, other_color)
    assert (names.workload_name(service, color, tail) == names.workload_name(other, other_color, tail)) == same


@given(services, services, colors, st.sampled_from(["before", "after", "smoke"]))
def test_no_two_jobs_share_a_name(service: str, other: str, color: Color, phase: str) -> None:
    release = "1-5-0-b3"
    ours = names.release_job_name(service, color, release, "before")
    same = (service, phase) == (other, "before")
    theirs = (
        names.job_name(other, color, release)
        if phase == "smoke"
        else names.release_job_name(other, color, release, phase)
    )
    assert (ours == theirs) == same
    assert ours != names.release_job_name(other, None, release, "before")


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (names.workload_name("storefront", "blue", "1-5-0-b3"), "storefront-blue-1-5-0-b3"),
        (names.config_name("worker", None, "0123456789"), "worker-0123456789"),
        (names.job_name("storefront", "green", "1-5-0-b3"), "storefront-green-1-5-0-b3-smoke"),
        (names.release_job_name("storefront", "green", "1-5-0-b3", "after"), "storefront-green-1-5-0-b3-after"),
        (color_service_name("storefront", "green"), "storefront-green"),
        (names.all_service_name("storefront"), "storefront-all"),
        (names.revision("1-5-0-b3", "0123456789"), "1-5-0-b3-t0123456789"),
    ],
)
def test_short_names_read_like_what_they_name(made: str, wanted: str) -> None:
    assert made == wanted


def test_the_services_of_a_blue_green_service() -> None:
    assert names.service_names("shop", both_colors=False) == ("shop", "shop-blue", "shop-green")
    assert names.service_names("shop", both_colors=True) == ("shop", "shop-blue", "shop-green", "shop-all")


def test_each_color_is_the_other_one_s_other() -> None:
    assert [other_color(color) for color in COLORS] == ["green", "blue"]


@given(versions, builds, versions, builds)
@example("1.0.b1.t1", 1, "1.0", 1)
@example("1.0", 1, "1.0", 1)
def test_a_release_is_no_other_one(version: str, build: int, other: str, other_build: int) -> None:
    one, two = release_id(version, build), release_id(other, other_build)
    assert runs_release(one, two) == (one == two)
    assert runs_release(names.revision(one, "0123456789"), two) == (one == two)
