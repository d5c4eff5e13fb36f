"""The weights of a route: found by name, set as wanted, and nothing else touched."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.gateway_route import matches_to, mirror_filter, mirrored_to
from contract.route_entries import UnfitRoute
from contract.weights import most, patch, shares, weights
from tests.json_patch import patched

Json = dict[str, Any]
BLUE, GREEN = "shop-blue", "shop-green"


def applied(route: Json, operations: list[Json]) -> Json:
    """The route after a patch whose tests hold."""
    made = patched(route, operations)
    assert made is not None
    return made


def entry(name: str, weight: int | None = None, **more: Any) -> Json:
    return {"name": name, "port": 80, **more} | ({} if weight is None else {"weight": weight})


def route(*rules: Json) -> Json:
    return {"metadata": {"namespace": "ns", "generation": 4}, "spec": {"rules": list(rules), "hostnames": ["a.b"]}}


def backends(*entries: Json, **more: Any) -> Json:
    return {"backendRefs": list(entries), **more}


ALIENS = st.lists(
    st.sampled_from(
        [
            entry("other", 0),
            entry("other", 0, filters=[{"type": "x"}]),
            entry(GREEN, 0, namespace="elsewhere"),
            entry(BLUE, 0, kind="ServiceImport", group="multicluster.x-k8s.io"),
        ]
    ),
    max_size=3,
)


@given(ALIENS, st.permutations([BLUE, GREEN]), st.integers(0, 100), st.integers(0, 1000), st.none() | st.integers(0, 9))
def test_the_colors_get_their_shares_and_nothing_else_changes(
    aliens: list[Json], order: list[str], share: int, one: int, two: int | None
) -> None:
    mine = [entry(order[0], one, filters=[{"type": "y"}]), entry(order[1], two)]
    before = route(backends(entry("cdn", 7)), backends(*aliens, *mine, timeouts={"request": "1s"}), {"matches": []})
    after = applied(before, patch(before, {BLUE: 100 - share, GREEN: share}, None))
    assert patch(after, {BLUE: 100 - share, GREEN: share}, None) == []
    assert weights(after, [BLUE, GREEN], None) == [
        {order[0]: after_of(after, order[0]), order[1]: after_of(after, order[1])}
    ]
    assert {BLUE: after_of(after, BLUE), GREEN: after_of(after, GREEN)} == {BLUE: 100 - share, GREEN: share}
    assert shares(after, [BLUE, GREEN], None) == [("1", {BLUE: 100 - share, GREEN: share})]
    assert without_mine(after) == without_mine(before)


def after_of(found: Json, name: str) -> int:
    return next(
        int(one.get("weight", 1))
        for one in found["spec"]["rules"][1]["backendRefs"]
        if one["name"] == name and one.keys().isdisjoint({"namespace", "kind"})
    )


def without_mine(found: Json) -> Json:
    made = copy.deepcopy(found)
    for one in made["spec"]["rules"][1]["backendRefs"]:
        if one["name"] in (BLUE, GREEN) and one.keys().isdisjoint({"namespace", "kind"}):
            one.pop("weight", None)
    return made


@given(st.integers(1, 5), st.integers(0, 100), st.integers(1, 900))
def test_a_third_backend_keeps_its_share(times: int, share: int, third: int) -> None:
    before = route(backends(entry(BLUE, 100 * times), entry(GREEN, 0), entry("other", third)))
    after = applied(before, patch(before, {BLUE: 100 - share, GREEN: share}, None))
    found = {one["name"]: one["weight"] for one in after["spec"]["rules"][0]["backendRefs"]}
    assert found == {BLUE: (100 - share) * times, GREEN: share * times, "other": third}
    assert shares(after, [BLUE, GREEN], None) == [("0", {BLUE: 100 - share, GREEN: share})]


@pytest.mark.parametrize(
    ("found", "rule", "what"),
    [
        (route(), None, "no rule of it names shop-blue and shop-green"),
        (route(backends(entry("shop", 1))), None, "no rule of it names"),
        (route(backends(entry(BLUE, 1))), None, "names no backend shop-green, which is to get 10 %"),
        (route(backends(entry(BLUE, 1), entry(BLUE, 1), entry(GREEN))), None, "names shop-blue twice"),
        (route(backends(entry(BLUE), entry(GREEN), entry("x", 1))), None, "add up to 2, of which 90 % and 10 %"),
        (route(backends(entry(BLUE), entry(GREEN))), "main", "it has no rule 'main'"),
        (route(backends(entry(BLUE), entry(GREEN))), 1, "it has no rule 1"),
    ],
)
def test_a_route_without_a_place_for_them_is_refused(found: Json, rule: str | int | None, what: str) -> None:
    with pytest.raises(UnfitRoute, match=what):
        patch(found, {BLUE: 90, GREEN: 10}, rule)


def test_a_rule_is_named_or_numbered_and_the_others_keep_their_weights() -> None:
    before = route(backends(entry(BLUE, 1), entry(GREEN, 0)), backends(entry(GREEN, 0), entry(BLUE, 1), name="main"))
    for rule in ("main", 1):
        after = applied(before, patch(before, {BLUE: 90, GREEN: 10}, rule))
        assert after["spec"]["rules"][0] == before["spec"]["rules"][0]
        assert weights(after, [BLUE, GREEN], rule) == [{GREEN: 10, BLUE: 90}]


def test_a_header_s_rule_is_one_behind_the_first_for_the_one_color_alone() -> None:
    header = {"type": "Exact", "name": "x-canary", "value": "always"}
    rule = backends(entry(GREEN, 1), matches=[{"headers": [header]}, {"headers": [{**header, "name": "x-team"}]}])
    both = backends(entry(GREEN, 1), entry(BLUE, 1), matches=[{"headers": [header]}])
    assert matches_to(route(rule, both, backends(entry(BLUE, 1))), GREEN) == []
    assert matches_to(route(both, rule), GREEN) == ["x-canary: always", "x-team: always"]
    assert matches_to(route(both, rule), BLUE) == []


@pytest.mark.parametrize("percent", [1, 20, 100])
def test_copies_are_read_back_as_they_were_written(percent: int) -> None:
    copies = mirror_filter(GREEN, 80, percent)
    assert ("percent" in copies["requestMirror"]) == (percent < 100)
    rule = backends(entry(BLUE, 100), entry(GREEN, 0), filters=[{"type": "URLRewrite"}, copies])
    assert mirrored_to(route(rule), GREEN) == percent
    assert mirrored_to(route(rule), BLUE) == 0
    assert mirrored_to(route(backends(entry(BLUE, 100)), rule), GREEN) == 0, (
        "of a service's own route the first rule counts"
    )


def test_copies_that_somebody_gave_as_a_fraction_are_told_as_a_percentage() -> None:
    copies = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": GREEN, "port": 80}}}
    for fraction, percent in (({"numerator": 1, "denominator": 8}, 12.5), ({"numerator": 3}, 3.0)):
        copies["requestMirror"]["fraction"] = fraction  # type: ignore[index]
        assert mirrored_to(route(backends(entry(BLUE, 1), filters=[copies])), GREEN) == percent


def test_a_share_above_nothing_is_never_told_as_nothing() -> None:
    assert most([{BLUE: 999, GREEN: 1}], GREEN) == 1
    assert most([{BLUE: 0, GREEN: 0}], GREEN) == 0
    assert most([], GREEN) == 0
    assert most([{BLUE: 101, GREEN: -1}], GREEN) == most([{BLUE: 101, GREEN: -1}], BLUE) == 0
