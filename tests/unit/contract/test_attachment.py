"""The one plan of a move by labels: which objects it changes, and that doing it twice changes nothing more."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from contract.annotations import DETACHED
from contract.attachment import ATTACH, Marks, attached, detach, selects, to_attach, to_detach
from contract.labels import COLOR, LIVE, REVISION

TARGET = {COLOR: "green", REVISION: "1-1-0-b1"}
Labels = dict[str, str]
PODS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            COLOR: st.sampled_from(["blue", "green"]),
            REVISION: st.sampled_from(["1-0-0-b1", "1-1-0-b1"]),
            LIVE: st.sampled_from(["true", "false"]),
        },
    )
)


def labels(pod: Labels) -> Mapping[str, str]:
    return pod


def written(pods: list[Labels], chosen: list[Labels], marks: Marks) -> list[Labels]:
    """The pods once the marks are written on those that were chosen."""
    ids = {id(pod) for pod in chosen}
    changed = [{**pod, **marks.labels} if id(pod) in ids else pod for pod in pods]
    return [{key: value for key, value in pod.items() if value is not None} for pod in changed]


@given(PODS)
def test_after_both_steps_exactly_the_target_is_attached_and_a_second_move_writes_nothing(pods: list[Labels]) -> None:
    once = written(pods, to_attach(pods, labels, TARGET), ATTACH)
    assert all(attached(pod) for pod in once if selects(TARGET, pod))
    assert [attached(a) for a in once if not selects(TARGET, a)] == [
        attached(b) for b in pods if not selects(TARGET, b)
    ], "others keep what they have until the target serves"
    twice = written(once, to_detach(once, labels, TARGET), detach())
    assert [attached(pod) for pod in twice] == [selects(TARGET, pod) for pod in twice]
    assert not to_attach(twice, labels, TARGET)
    assert not to_detach(twice, labels, TARGET)


def test_what_is_detached_notes_when_and_what_is_attached_forgets_it() -> None:
    assert ATTACH.of_pod == {"metadata": {"labels": {LIVE: "true"}, "annotations": {DETACHED: None}}}
    marks = detach().of_template
    assert marks["spec"] == {"template": {"metadata": {"labels": {LIVE: None}}}}
    assert marks["metadata"]["annotations"][DETACHED].endswith("+00:00")


def test_an_empty_selector_takes_nothing() -> None:
    assert not selects({}, {COLOR: "blue"})
    assert not selects(TARGET, None)
