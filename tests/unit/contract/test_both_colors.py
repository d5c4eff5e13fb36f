"""A live Service of both colors: what its selector and its notes say of who serves, and since when."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules.facts import LiveService
from components.rules.labels import both_selector, live_selector, selector_labels
from components.rules.ownership import TWO_COLORS, Existing
from contract.annotations import SERVES, SWITCHED
from contract.attachment import selects
from contract.both_colors import sends_to_both, serving, switched_at, switched_note
from contract.releases import COLORS

AT = datetime(2026, 1, 1, tzinfo=UTC)
NARROW = selector_labels("shop", color="blue", revision="1-0-0-b1")
BOTH = both_selector("shop")
NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)


@given(NAMES, st.sampled_from(COLORS), NAMES)
def test_the_selector_that_names_a_color_is_believed_before_any_note(service: str, color: str, revision: str) -> None:
    chosen = next(one for one in COLORS if one == color)
    narrow = selector_labels(service, color=chosen, revision=revision)
    assert serving(narrow, {SERVES: "green/other"}) == (color, revision)
    assert serving(both_selector(service), {SERVES: f"{color}/{revision}"}) == (color, revision)
    assert serving(live_selector(service), {SERVES: f"{color}/{revision}"}) == (color, revision)
    assert (sends_to_both(narrow), sends_to_both(both_selector(service)), sends_to_both(live_selector(service))) == (
        False,
        True,
        False,
    )


@pytest.mark.parametrize("selector", [{"app": "shop"}, {}, selector_labels("shop")])
def test_of_a_service_that_was_moved_by_hand_no_note_says_who_serves(selector: dict[str, str]) -> None:
    assert serving(selector, {SERVES: "blue/1-0-0-b1"}) == ("", "")
    assert not sends_to_both(selector)


def test_a_canary_is_no_switch() -> None:
    note = switched_note("blue", "1-0-0-b1", AT)
    for selector, notes in ((NARROW, {}), (BOTH, {SERVES: "blue/1-0-0-b1"})):
        assert switched_at(selector, notes, note) == AT
        later = AT.replace(hour=5)
        assert LiveService(selector, later, {**notes, SWITCHED: note}).left_at == AT
        assert LiveService(selector, later, notes).left_at == later


@pytest.mark.parametrize(
    "note",
    [
        "",
        "blue",
        "blue/1-0-0-b1",
        "blue/1-0-0-b1 soon",
        "blue/1-0-0-b1 2026-01-01",
        "blue/1-0-0-b1 2026-01-01T00:00:00",
        "green/1-0-0-b1 2026-01-01T00:00:00+00:00",
        "blue/1-0-0-b2 2026-01-01T00:00:00+00:00",
    ],
)
def test_a_note_of_another_release_or_that_cannot_be_read_says_nothing(note: str) -> None:
    assert switched_at(NARROW, {}, note) is None
    assert LiveService(NARROW, AT, {SWITCHED: note}).left_at == AT


def test_its_selector_finds_pods_of_ours_alone_and_its_service_stays_one_of_two_colors() -> None:
    labels = {"app.kubernetes.io/component": "workload", "app.kubernetes.io/managed-by": "pulumi"}
    assert selects(BOTH, {**NARROW, **labels})
    assert not selects(BOTH, {**selector_labels("shop"), "app.kubernetes.io/managed-by": "Helm"})
    live = Existing("Service", "shop", {"app.kubernetes.io/component": "live"}, {}, BOTH)
    assert live.moved_by == TWO_COLORS
