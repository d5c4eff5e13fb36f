"""Metadata by role: one write makes it so, a second has nothing to do, and what others wrote stays."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contract.annotations import ROLE
from contract.roles import RoleMarks, role_noted

KEYS = st.sampled_from(["role", "team", "shop.example/tier", "x"])
MAPS = st.dictionaries(KEYS, st.sampled_from(["", "active", "b"]), max_size=3)
ACTIVE = st.builds(RoleMarks, st.just("active"), MAPS, MAPS)
PREVIEW = st.builds(RoleMarks, st.just("preview"), MAPS, MAPS)
FOREIGN = {"labels": {"app.kubernetes.io/instance": "shop"}, "annotations": {"kubectl.kubernetes.io/restartedAt": "1"}}


def merged(metadata: dict[str, Any], change: dict[str, dict[str, str | None]] | None) -> dict[str, Any]:
    """The metadata after a merge patch."""
    return {
        part: {k: v for k, v in {**metadata.get(part, {}), **(change or {}).get(part, {})}.items() if v is not None}
        for part in ("labels", "annotations")
    }


@given(first=ACTIVE, then=PREVIEW)
def test_a_pod_has_what_is_of_its_role_and_nothing_of_the_role_before(first: RoleMarks, then: RoleMarks) -> None:
    pod = merged(FOREIGN, None)
    for marks in (first, then):
        pod = merged(pod, marks.change(pod))
        noted = {} if marks.note is None else {ROLE: marks.note}
        assert pod["labels"] == {**FOREIGN["labels"], **marks.labels}
        assert pod["annotations"] == {**FOREIGN["annotations"], **marks.annotations, **noted}
        assert marks.change(pod) is None, "the second look has nothing to do"
        assert role_noted(pod) == (marks.role if marks.note else "")


@given(marks=ACTIVE.filter(lambda marks: bool(marks.labels)))
def test_what_somebody_changed_by_hand_is_put_back(marks: RoleMarks) -> None:
    pod = merged(FOREIGN, marks.change(FOREIGN))
    key = min(marks.labels)
    assert merged(pod, marks.change(merged(pod, {"labels": {key: "by-hand"}}))) == pod
    assert merged(pod, marks.change(merged(pod, {"labels": {key: None}}))) == pod


@given(note=st.one_of(st.text(max_size=20), st.sampled_from(['{"labels": 3}', '["role"]', '{"labels": [1]}', "null"])))
def test_a_note_that_cannot_be_read_takes_nothing_from_anybody(note: str) -> None:
    pod = {"labels": {"role": "mine"}, "annotations": {ROLE: note}}
    cleared = merged(pod, RoleMarks("active", {}, {}).change(pod))
    assert cleared == {"labels": {"role": "mine"}, "annotations": {}}
