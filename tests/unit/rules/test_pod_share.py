"""Which pods of a color get a share: for any pods, one step makes it right, and a second one changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from components.rules.attachment import Attachment, CanaryShare
from components.rules.facts import Endpoint, Pod
from components.rules.pod_share import PodShare
from contract.attachment import attached, selects
from contract.labels import ATTACHED, COLOR, INSTANCE, LIVE, REVISION

GREEN = {INSTANCE: "shop", COLOR: "green"}
NEW, OLD = {**GREEN, REVISION: "2"}, {**GREEN, REVISION: "1"}


def pod(name: str, *, old: bool, on: bool, ready: bool, leaving: bool) -> Pod:
    labels = {**(OLD if old else NEW), **({LIVE: ATTACHED} if on else {})}
    born = datetime(2026, 1, 1, tzinfo=UTC)
    return Pod(name, f"uid-{name}", labels, "a:1", ready=ready, terminating=leaving, created=born)


@st.composite
def shares(draw: st.DrawFn) -> PodShare:
    marks = draw(st.lists(st.tuples(*[st.booleans()] * 4), max_size=7))
    found = [
        pod(f"green-{n}", old=old, on=on, ready=ready, leaving=leaving)
        for n, (old, on, ready, leaving) in enumerate(marks)
    ]
    return PodShare(found, NEW, draw(st.integers(0, 4)))


def stepped(share: PodShare) -> PodShare:
    on, off = ({one.uid for one in found} for found in (share.to_attach, share.to_detach))
    pods = []
    for one in share.pods:
        kept = {key: value for key, value in one.labels.items() if key != LIVE}
        change = {**kept, LIVE: ATTACHED} if one.uid in on else kept if one.uid in off else one.labels
        pods.append(replace(one, labels=change))
    return replace(share, pods=pods)


@given(shares())
def test_one_step_makes_the_share_and_is_then_left_alone(share: PodShare) -> None:
    now = stepped(share)
    able = [one for one in share.pods if selects(NEW, one.labels) and not one.terminating]
    ready = [one for one in able if one.ready or attached(one.labels)]
    assert len(now.fitting) == min(share.wanted, len(ready))
    assert now.there == now.fitting
    assert (now.to_attach, now.to_detach) == ([], [])
    assert now.grows == (len(now.fitting) < share.wanted)


@given(shares())
def test_only_ready_pods_of_the_release_are_attached_and_who_has_a_share_keeps_it(share: PodShare) -> None:
    assert all(one.ready and selects(NEW, one.labels) and not one.terminating for one in share.to_attach)
    if share.to_attach:
        assert all(not selects(NEW, one.labels) for one in share.to_detach), "none goes while others come"
    gone = {one.uid for one in share.to_detach}
    kept = [one for one in share.fitting if one.uid not in gone]
    assert len(kept) == min(len(share.fitting), share.wanted)
    if any(one.ready for one in share.fitting if one.uid in gone):
        assert all(one.ready for one in kept), "what is not ready goes first"


@given(shares())
def test_the_way_back_takes_no_more_than_what_is_too_much(share: PodShare) -> None:
    assert len(share.surplus) == max(0, len(share.there) - share.wanted)
    taken = {one.uid for one in share.surplus}
    strangers = [one for one in share.there if not selects(NEW, one.labels)]
    if any(one.uid in taken for one in share.fitting):
        assert all(one.uid in taken for one in strangers)


@given(shares())
def test_beside_what_serves_exactly_so_many_pods_of_the_color_are_let_be(share: PodShare) -> None:
    blue = {INSTANCE: "shop", COLOR: "blue", REVISION: "0"}
    found = Attachment([], share.pods, blue, CanaryShare(GREEN, share.wanted))
    assert len(found.kept_pods) == min(len(share.there), share.wanted)
    assert len(found.other_pods) == len(share.surplus)
    assert (found.why_not_settled() is None) == (not share.surplus)


def test_a_pod_counts_once_the_endpoints_have_it_and_until_they_have_it_no_more() -> None:
    one = pod("green-0", old=False, on=True, ready=True, leaving=False)
    share = PodShare([one], NEW, 1)
    assert share.why_not_attached([]) == "the live Service does not send to green-0 yet"
    assert share.why_not_attached([Endpoint("green-0", ready=False)])
    assert share.why_not_attached([Endpoint("green-0", ready=True)]) is None
    off = stepped(replace(share, wanted=0))
    assert off.why_not_detached([Endpoint("green-0", ready=True)]) == "the live Service still sends to green-0"
    assert off.why_not_detached([Endpoint("green-0", ready=False)]) is None
