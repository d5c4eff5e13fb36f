"""Which release is newer, in the program and in the driver; and the notes on the live Service."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules.ledger import KEPT, Ledger, read_ledger, read_limit
from contract.annotations import JOBS_DONE, NO_ROLLBACK_PAST
from contract.releases import Numbered, read
from cutover.observe.jobs import read_done
from cutover.strategies import releases as driver

ORDER = ["0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
         "1.0.0", "1.0.1", "1.9.0", "1.10.0", "v2", "10.0"]  # fmt: skip
PLAIN = st.from_regex(r"v?[0-9]{1,2}(\.[0-9]{1,2}){0,3}(-(rc|[0-9])(\.[0-9]+)?)?", fullmatch=True)
ANY = st.from_regex(r"[A-Za-z0-9][-A-Za-z0-9._]{0,20}", fullmatch=True)
RELEASES = st.builds(Numbered, st.one_of(PLAIN, ANY), st.integers(0, 99))


@pytest.mark.parametrize(("one", "two"), list(itertools.combinations(ORDER, 2)))
def test_versions_are_ordered_as_semver_does(one: str, two: str) -> None:
    assert Numbered(one, 9).older_than(Numbered(two, 1))
    assert not Numbered(two, 1).older_than(Numbered(one, 9))


@pytest.mark.parametrize(("one", "two"), [("1.5", "1.5.0"), ("v1.5.0", "1.5.0"), ("3f2a9c0", "9b1d"), ("abc", "1.0")])
def test_the_build_decides_where_the_version_does_not(one: str, two: str) -> None:
    assert Numbered(one, 1).older_than(Numbered(two, 2))
    assert not Numbered(one, 2).older_than(Numbered(two, 2))


@given(RELEASES, RELEASES)
def test_no_release_is_older_than_one_that_is_older_than_it(one: Numbered, two: Numbered) -> None:
    assert not (one.older_than(two) and two.older_than(one))
    assert not one.older_than(one)


@given(RELEASES, RELEASES)
def test_the_driver_gives_the_same_answers(one: Numbered, two: Numbered) -> None:
    def as_config(release: Numbered) -> dict[str, Any]:
        return {"version": release.version, "build": release.build}

    assert driver.older(as_config(one), as_config(two)) == one.older_than(two)
    assert driver.read_release(str(one)) == as_config(one)
    assert driver.describe(as_config(one)) == str(one)


@given(RELEASES)
def test_a_release_is_read_back_from_its_text(release: Numbered) -> None:
    assert read(str(release)) == release
    assert read_limit({NO_ROLLBACK_PAST: str(release)}) == release


@pytest.mark.parametrize("text", [None, "", "1.5.0", "1.5.0 build", "1.5.0 build x"])
def test_anything_else_is_no_release(text: str | None) -> None:
    assert read(text) is None
    assert driver.read_release(text) is None


def test_the_ledger_is_read_back_by_both() -> None:
    ledger = Ledger().with_done("before", "a").with_done("after", "a").with_done("before", "b").with_done("before", "a")
    assert ledger == Ledger(("b", "a"), ("a",), known=True)
    notes = {JOBS_DONE: ledger.text()}
    assert read_ledger(notes) == ledger
    assert (read_done(notes).before, read_done(notes).after) == (ledger.before, ledger.after)


def test_the_ledger_keeps_the_newest() -> None:
    ledger = Ledger()
    for number in range(KEPT + 5):
        ledger = ledger.with_done("before", str(number))
    assert ledger.before == tuple(str(number) for number in range(5, KEPT + 5))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"before": []}', "what", "null"])
def test_what_is_no_ledger_is_none(text: str) -> None:
    assert not read_ledger({JOBS_DONE: text}).known
    assert read_done({JOBS_DONE: text}).before == ()
