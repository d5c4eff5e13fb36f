"""The weights in a VirtualService of Istio: found by name, set as wanted, and nothing else touched."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.matches import Match, words, words_of_istio
from contract.route_entries import UnfitRoute
from contract.route_forms import form_of
from contract.virtual_service import hosts, matches_to, mirrored_to
from contract.weights import patch, shares, weights
from tests.json_patch import patched

Json = dict[str, Any]
BLUE, GREEN = "shop-blue", "shop-green"
BOTH = (BLUE, GREEN)
NAMES = ("{}", "{}.ns.svc.cluster.local", "{}.ns.svc.corp.example")


def entry(host: str, weight: int | None = None, **more: Any) -> Json:
    found: Json = {"destination": {"host": host, "port": {"number": 80}}, **more}
    return found | ({} if weight is None else {"weight": weight})


def http(*entries: Json, **more: Any) -> Json:
    return {"route": list(entries), **more}


def virtual(*routes: Json, **more: Any) -> Json:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "shop", "namespace": "ns", "generation": 4},
        "spec": {"hosts": ["a.b"], "http": list(routes), **more},
    }


def applied(before: Json, share: int, rule: str | int | None = None) -> Json:
    """The object after a patch whose tests hold; the same shares ask for no other."""
    wanted = {BLUE: 100 - share, GREEN: share}
    operations = patch(before, wanted, rule)
    made = patched(before, operations) if operations else before
    assert made is not None
    assert patch(made, wanted, rule) == []
    return made


ALIENS = st.lists(
    st.sampled_from(
        [
            entry("archive", 0),
            entry("archive", 0, headers={"request": {"set": {"x": "y"}}}),
            entry(f"{GREEN}.elsewhere.svc.cluster.local", 0),
            entry("shop", 0),
        ]
    ),
    max_size=3,
)
BESIDE = {
    "retries": {"attempts": 3, "retryOn": "5xx"},
    "mirror": {"host": "audit"},
    "fault": {"delay": {"fixedDelay": "1s", "percentage": {"value": 0.1}}},
    "match": [{"uri": {"prefix": "/"}}],
}
TCP = [{"match": [{"port": 27017}], "route": [{"destination": {"host": BLUE}, "weight": 100}]}]


@given(
    ALIENS,
    st.permutations(BOTH),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.integers(0, 100),
    st.integers(0, 1000),
    st.none() | st.integers(0, 9),
)
def test_the_colors_get_their_shares_and_all_else_stays_byte_for_byte(
    aliens: list[Json], order: list[str], written: tuple[str, str], share: int, one: int, two: int | None
) -> None:
    mine = [entry(written[0].format(order[0]), one, headers={}), entry(written[1].format(order[1]), two)]
    cdn = http(entry("cdn"), name="static", match=[{"uri": {"prefix": "/static"}}])
    before = virtual(cdn, http(*aliens, *mine, name="main", **BESIDE), {"redirect": {"uri": "/"}}, tcp=TCP, tls=TCP)
    after = applied(before, share)
    assert shares(after, BOTH, None) == [("main", {BLUE: 100 - share, GREEN: share})]
    assert shares(after, BOTH, "main") == shares(after, BOTH, 1) == shares(after, BOTH, None)
    assert without_mine(after, len(aliens)) == without_mine(before, len(aliens))


def without_mine(found: Json, aliens: int) -> Json:
    made = copy.deepcopy(found)
    for one in made["spec"]["http"][1]["route"][aliens:]:
        one.pop("weight", None)
    return made


@given(st.integers(1, 5), st.integers(0, 100), st.integers(1, 900))
def test_a_third_destination_keeps_its_share(times: int, share: int, third: int) -> None:
    before = virtual(http(entry(BLUE, 100 * times), entry(GREEN), entry("other", third)))
    found = [one["weight"] for one in applied(before, share)["spec"]["http"][0]["route"] if "weight" in one]
    assert found[0] == (100 - share) * times
    assert found[-1] == third


def test_each_entry_and_the_generation_are_tested_before_they_are_written() -> None:
    before = virtual(http(entry(BLUE, 100), entry(GREEN)))
    assert patch(before, {BLUE: 90, GREEN: 10}, None) == [
        {"op": "test", "path": "/metadata/generation", "value": 4},
        {"op": "test", "path": "/spec/http/0/route/0", "value": entry(BLUE, 100)},
        {"op": "add", "path": "/spec/http/0/route/0/weight", "value": 90},
        {"op": "test", "path": "/spec/http/0/route/1", "value": entry(GREEN)},
        {"op": "add", "path": "/spec/http/0/route/1/weight", "value": 10},
    ]


def test_what_stands_alone_gets_all_and_of_several_what_has_no_weight_gets_nothing() -> None:
    for weight in (None, 0, 7):
        alone = virtual(http(entry(BLUE, weight)))
        assert weights(alone, BOTH, None) == [{BLUE: 100}]
        assert patch(alone, {BLUE: 100, GREEN: 0}, None) == []
    assert shares(virtual(http(entry(BLUE, 1), entry(GREEN))), BOTH, None) == [("0", {BLUE: 100, GREEN: 0})]


@pytest.mark.parametrize("bad", [(0, 0), (None, None), (-1, 1), (101, -1), (-1, -1)])
def test_weights_of_the_colors_that_no_gateway_takes_are_no_shares_and_are_set_right(bad: tuple[Any, Any]) -> None:
    before = virtual(http(entry(BLUE, bad[0]), entry(GREEN, bad[1])))
    assert shares(before, BOTH, None) == [("0", {})]
    assert shares(applied(before, 10), BOTH, None) == [("0", {BLUE: 90, GREEN: 10})]


GOOD = http(entry(BLUE, 100), entry(GREEN, 0), name="main")


@pytest.mark.parametrize(
    ("found", "rule", "what", "fix"),
    [
        (virtual(), None, "no rule of it names shop-blue and shop-green", "have a rule send to"),
        (virtual(tcp=TCP), None, "no rule of it names", "have a rule send to"),
        (virtual(http(entry("shop"))), None, "no rule of it names", "in place of the live Service"),
        (
            virtual(http(entry(BLUE))),
            None,
            "names no backend shop-green, which is to get 10 %",
            "add `{destination: {host: shop-green, port: {number: …}}, weight: 0}` to the rule",
        ),
        (
            virtual(http(entry(BLUE, 1), entry(f"{BLUE}.ns.svc.cluster.local", 1), entry(GREEN))),
            None,
            "names shop-blue twice",
            "leave one entry",
        ),
        (virtual(http(entry(BLUE, 1), entry(GREEN, 1), entry("x", 1))), None, "add up to 2, of which 90 %", "multiply"),
        (virtual(GOOD), "other", "it has no rule 'other'", "name one of its rules: main"),
        (virtual(GOOD, GOOD), "main", "it has 2 rule 'main'", "name one of its rules: main, main"),
        (
            virtual(http(entry(f"{BLUE}.ns", 100), entry(GREEN))),
            None,
            "sends to the host shop-blue.ns, which Istio takes as it stands",
            "write shop-blue, or shop-blue.ns.svc.cluster.local",
        ),
        (
            virtual(http(entry(BLUE, 100), entry(f"{GREEN}.ns.svc", 0))),
            None,
            "sends to the host shop-green.ns.svc, which",
            "write shop-green, or shop-green.ns.svc.cluster.local",
        ),
        (
            virtual(GOOD, http(entry("cdn", 2), entry("old", -1), name="static")),
            "main",
            "its route static gives old the weight -1, which no gateway takes",
            "give the destinations of static weights of 0 or more",
        ),
        (
            virtual(GOOD, http(entry("cdn"), entry("old"), name="static")),
            "main",
            "its route static has 2 destinations, none of which has a weight",
            "give the destinations of static weights",
        ),
        (
            virtual(GOOD, http(entry(BLUE, 0), entry(GREEN, 0), name="beta")),
            "main",
            "its route beta has 2 destinations, none of which has a weight",
            "give the destinations of beta weights",
        ),
    ],
)
def test_one_without_a_place_for_them_or_that_no_gateway_follows_is_refused(
    found: Json, rule: str | int | None, what: str, fix: str
) -> None:
    with pytest.raises(UnfitRoute) as caught:
        patch(found, {BLUE: 90, GREEN: 10}, rule)
    assert what in caught.value.what
    assert fix in caught.value.fix


def test_the_hosts_to_ask_for_are_those_that_it_takes() -> None:
    assert hosts(virtual(GOOD)) == ["a.b"]
    assert hosts(virtual(GOOD, hosts=["a.b", "*"])) == []


NAME = st.from_regex(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,12}", fullmatch=True)
MATCHES = st.builds(Match, header=NAME, value=NAME, method=st.none() | st.sampled_from(["GET", "POST"])) | st.builds(
    Match, query=NAME, value=NAME
)


@given(MATCHES | st.builds(Match, cookie=NAME, value=NAME) | st.builds(Match, method=st.sampled_from(["PUT"])))
def test_a_condition_is_read_back_in_the_same_words(one: Match) -> None:
    assert words_of_istio(one.istio()) == words(one.gateway()) == str(one)
    assert words_of_istio({**one.istio(), "uri": {"exact": "/shop"}}) == str(one)


def test_what_always_goes_to_one_color_and_what_it_gets_copies_of_are_told_of_a_service_s_own() -> None:
    always = Match(header="x-canary", value="always").istio()
    paths = [{**always, "uri": {"exact": "/shop"}}, {**always, "uri": {"prefix": "/shop/"}}]
    main = http(entry(BLUE, 100), entry(GREEN, 0), name="shares", mirror={"host": GREEN})
    made = virtual(http(entry(GREEN), match=paths), http(entry(BLUE), match=[{}]), main)
    assert form_of(made).matches_to(made, GREEN) == matches_to(made, GREEN) == ["x-canary: always"]
    assert mirrored_to(made, GREEN) == 100
    assert mirrored_to(made, BLUE) == 0
    main["mirrorPercentage"] = {"value": 12.5}
    assert mirrored_to(made, GREEN) == 12.5
    del main["mirror"], main["mirrorPercentage"]
    main["mirrors"] = [{"destination": {"host": BLUE}, "percentage": {"value": 3}}]
    assert (mirrored_to(made, BLUE), mirrored_to(made, GREEN)) == (3, 0)
