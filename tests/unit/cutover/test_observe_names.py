"""The driver's few copies of the program's rules give the program's answers."""

from hypothesis import given
from hypothesis import strategies as st

from components.gates import cutover
from components.rules import facts, labels, names
from cutover.observe import names as ours

VERSIONS = st.from_regex(r"[A-Za-z0-9][-A-Za-z0-9._+]{0,60}", fullmatch=True)


@given(VERSIONS, st.integers(0, 10**6))
def test_release_ids_are_the_same(version: str, build: int) -> None:
    assert ours.release_id(version, build) == names.release_id(version, build)


@given(
    st.sampled_from(["1-0-0-b1", "1-0-0-b1-t0a", "1-0-0-b11", "1-0-0-b2"]), st.sampled_from(["1-0-0-b1", "1-0-0-b2"])
)
def test_what_runs_a_release_is_the_same(revision: str, release: str) -> None:
    assert ours.runs_release(revision, release) == facts.runs_release(revision, release)


def test_labels_are_the_same() -> None:
    shared = ("INSTANCE", "VERSION", "COMPONENT", "MANAGED_BY", "COLOR", "REVISION")
    assert {name: getattr(ours, name) for name in shared} == {name: getattr(labels, name) for name in shared}
    assert ours.COMPLETED == cutover.COMPLETED
    assert ours.REFUSED == cutover.REFUSED
    assert ours.CONTAINER == names.CONTAINER


def test_a_release_is_told_from_what_the_cluster_has() -> None:
    assert ours.build_of("1-5-0-b3", "1.5.0") == "1.5.0 build 3"
    assert ours.build_of("1-5-0-b3-t0123456789", "1.5.0") == "1.5.0 build 3"
    assert ours.build_of("1-5-0-h01234567", "1.5.0") == "1-5-0-h01234567"
