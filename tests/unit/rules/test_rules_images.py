"""Whether the pods of a release run one and the same image; the program and the driver agree on it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules.facts import Pod
from components.rules.images import rewritten, running_ids, why_not_one_image
from contract.images import plain_id
from cutover.observe import images as ours
from cutover.observe.records import PodStatus
from tests.components.fakes import make_pod

TAG, PINNED = "shop:1", "shop:1@sha256:" + "d" * 64
DIGESTS = [f"sha256:{letter * 64}" for letter in "abc"]
PULLED = st.sampled_from([f"registry.example/shop@{digest}" for digest in DIGESTS])
LOCAL = st.sampled_from(DIGESTS)
SCHEMES = st.sampled_from(["", "docker-pullable://", "docker://"])
IDS = st.one_of(PULLED, LOCAL, st.just(""))


def pods(ids: list[str], image: str = TAG) -> list[Pod]:
    return [make_pod(f"p{number}", {}, image, image_id=found) for number, found in enumerate(ids)]


@given(st.lists(PULLED) | st.lists(LOCAL))
def test_pods_of_one_tag_are_refused_when_and_only_when_they_differ(ids: list[str]) -> None:
    assert (why_not_one_image(pods(ids), TAG) is not None) == (len(set(ids)) > 1)


@given(st.lists(IDS), st.randoms())
def test_neither_order_nor_scheme_nor_mirror_matters(ids: list[str], random: object) -> None:
    there = pods(ids)
    other = [replace(pod, image_id=pod.image_id.replace("registry.example", "mirror.example:5000")) for pod in there]
    behind = [replace(pod, image_id="docker-pullable://" + pod.image_id) if pod.image_id else pod for pod in other]
    assert why_not_one_image(behind[::-1], TAG) == why_not_one_image(there, TAG)


@given(st.lists(IDS))
def test_an_image_named_by_its_digest_is_not_asked(ids: list[str]) -> None:
    assert why_not_one_image(pods(ids, PINNED), PINNED) is None


@given(st.lists(IDS, min_size=1), st.sampled_from([{"ready": False}, {"terminating": True}, {"image": "shop:2"}]))
def test_pods_that_do_not_serve_the_release_have_no_say(ids: list[str], change: dict[str, object]) -> None:
    serving = [f"registry.example/shop@{DIGESTS[0]}"] * 2
    there = pods(serving) + [replace(pod, **change) for pod in pods(ids)]  # type: ignore[arg-type]
    assert why_not_one_image(there, TAG) is None
    assert running_ids(there, TAG) == serving[:1]


@given(st.lists(st.tuples(SCHEMES, IDS)))
def test_the_driver_judges_as_the_program_does(found: list[tuple[str, str]]) -> None:
    ids = [scheme + image_id if image_id else "" for scheme, image_id in found]
    seen = [
        PodStatus(
            f"p{n}", ready=True, reason="", restarts=0, age_seconds=0, revision="r", image=TAG,
            image_id=plain_id(image_id),
        )
        for n, image_id in enumerate(ids)
    ]  # fmt: skip
    running = ours.running(seen, "r", TAG)
    assert bool(ours.mixture(running, TAG)) == bool(why_not_one_image(pods(ids), TAG))
    assert sorted({pod.image_id for pod in running}) == running_ids(pods(ids), TAG)


def test_the_reason_names_digests_and_pods() -> None:
    told = why_not_one_image(pods([f"r/shop@{DIGESTS[1]}", f"r/shop@{DIGESTS[0]}", f"r/shop@{DIGESTS[1]}"]), TAG)
    assert told == f"{DIGESTS[0][:19]} in p1; {DIGESTS[1][:19]} in p0, p2"


@pytest.mark.parametrize(
    ("asked", "seen", "same"),
    [
        ("shop:1", "mirror.example/hub/library/shop:1", True),
        ("docker.io/team/shop:1", "localhost:5000/team/shop:1", True),
        ("registry.example/team/shop:1", "registry.example/team/shop:1@sha256:aa", True),
        ("registry.example/team/shop:1", "mirror.example/team/shop@sha256:aa", True),
        ("shop:1@sha256:aa", "mirror.example/shop@sha256:aa", True),
        ("shop@sha256:aa", "mirror.example/shop@sha256:bb", False),
        ("shop@sha256:aa", "mirror.example/shop:1", False),
        ("shop:1", "mirror.example/shop:2", False),
        ("shop:1", "mirror.example/shop", False),
        ("shop:1", "mirror.example/other-shop:1", False),
        ("registry.example:5000/team/shop:1", "registry.example:5000/other/shop:1", False),
    ],
)
def test_what_an_admission_may_make_of_an_image(asked: str, seen: str, same: bool) -> None:
    assert rewritten(asked, seen, "registry") is same
    assert rewritten(asked, seen, "any")
    assert not rewritten(asked, seen, "none")
