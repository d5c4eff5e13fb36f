"""A route from the live Service to the colors and back: what is written, and that the way back leads where it began."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.route_entries import UnfitRoute
from contract.weights import shares
from cutover.operations.route.edits import Ends, to_colors, to_live
from tests.json_patch import patched

Json = dict[str, Any]
ENDS = Ends("shop", "shop-blue", "shop-green")
COLORS = ["shop-blue", "shop-green"]
ALIEN = {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [{"name": "x-by", "value": "others"}]}}
OTHERS = st.lists(
    st.tuples(st.sampled_from(["cdn", "archive"]), st.integers(0, 50)), max_size=2, unique_by=lambda one: one[0]
)


def http(*rules: Json) -> Json:
    """An HTTPRoute."""
    meta = {"name": "public", "namespace": "ns", "generation": 3}
    return {"apiVersion": "gateway.networking.k8s.io/v1", "metadata": meta, "spec": {"rules": list(rules)}}


def istio(*rules: Json) -> Json:
    """A VirtualService."""
    meta = {"name": "public", "namespace": "ns", "generation": 3}
    return {"apiVersion": "networking.istio.io/v1", "metadata": meta, "spec": {"http": list(rules)}}


def backend(name: str, weight: int | None = None, **more: Any) -> Json:
    return {"name": name, "port": 80, **({} if weight is None else {"weight": weight}), **more}


def destination(host: str, weight: int | None = None, **more: Any) -> Json:
    return {
        "destination": {"host": host, "port": {"number": 80}, **more},
        **({} if weight is None else {"weight": weight}),
    }


@given(OTHERS, st.integers(1, 50), st.integers(0, 2), st.booleans())
def test_what_the_live_service_had_the_active_color_gets_and_the_way_back_leads_there(
    others: list[tuple[str, int]], weight: int, place: int, by_istio: bool
) -> None:
    make = destination if by_istio else backend
    entries = [make(name, number) for name, number in others]
    entries.insert(place, make("shop", weight, **({} if by_istio else {"filters": [ALIEN]})))
    rule = {"name": "main", "timeouts": "theirs", "route" if by_istio else "backendRefs": entries}
    whole = (istio if by_istio else http)({"name": "static"}, rule)
    edit = to_colors(whole, ENDS, None)
    assert (list(edit.rules), edit.ports) == (["main"], frozenset({80}))
    made = patched(whole, edit.operations)
    assert made
    assert shares(made, COLORS, None) == [("main", {"shop-blue": 100, "shop-green": 0})]
    alone = not any(number for _, number in others)
    back = patched(made, to_live(made, ENDS, None).operations)
    if alone:
        entries[min(place, len(others))]["weight"] = 100
    assert back == whole


def test_a_rule_with_a_backend_alone_gives_all_of_it_and_keeps_what_the_entry_has() -> None:
    whole = http({"backendRefs": [backend("shop", filters=[ALIEN])], "filters": [ALIEN]})
    made = patched(whole, to_colors(whole, ENDS, 0).operations)
    assert made
    assert made["spec"]["rules"] == [
        {
            "backendRefs": [
                backend(name, share, filters=[ALIEN]) for name, share in zip(COLORS, (100, 0), strict=True)
            ],
            "filters": [ALIEN],
        }
    ]
    assert made["metadata"] == whole["metadata"]


def test_a_virtual_service_keeps_the_form_of_its_names() -> None:
    whole = istio({"route": [destination("shop.ns.svc.cluster.local")]})
    made = patched(whole, to_colors(whole, ENDS, None).operations)
    assert made
    hosts = [(one["destination"]["host"], one["weight"]) for one in made["spec"]["http"][0]["route"]]
    assert hosts == [("shop-blue.ns.svc.cluster.local", 100), ("shop-green.ns.svc.cluster.local", 0)]


def test_every_rule_that_names_it_is_written_or_the_one_that_is_asked_for() -> None:
    whole = http({"name": "a", "backendRefs": [backend("shop")]}, {"name": "b", "backendRefs": [backend("shop")]})
    assert to_colors(whole, ENDS, None).rules == ["a", "b"]
    assert to_colors(whole, ENDS, "b").rules == ["b"]
    made = patched(whole, to_colors(whole, ENDS, "b").operations)
    assert made
    assert to_colors(made, ENDS, "b").operations == ()
    assert to_live(whole, ENDS, None).operations == ()


@pytest.mark.parametrize("change", ["generation", "entry"])
def test_nothing_is_written_over_what_somebody_else_wrote_meanwhile(change: str) -> None:
    whole = http({"backendRefs": [backend("shop")]})
    operations = to_colors(whole, ENDS, None).operations
    theirs = copy.deepcopy(whole)
    if change == "generation":
        theirs["metadata"]["generation"] += 1
    else:
        theirs["spec"]["rules"][0]["backendRefs"][0]["port"] = 81
    assert patched(theirs, operations) is None


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"backendRefs": [backend("cdn")]}, "no rule of it sends to shop"),
        ({"backendRefs": [backend("shop"), backend("shop-green", 0)]}, "sends to shop, shop-green"),
        ({"backendRefs": [backend("shop"), backend("shop")]}, "sends to shop, shop: nothing tells"),
        ({"backendRefs": [backend("shop", 0), backend("cdn")]}, "gives shop no weight"),
        ({"backendRefs": [backend("shop", namespace="other")]}, "no rule of it sends to shop"),
    ],
)
def test_a_rule_that_leaves_it_open_is_not_touched(rule: Json, says: str) -> None:
    with pytest.raises(UnfitRoute, match=says):
        to_colors(http(rule), ENDS, None)


@pytest.mark.parametrize("weights", [(90, 10), (0, 100), (0, 0)])
def test_the_way_back_waits_until_the_active_color_has_all(weights: tuple[int, int]) -> None:
    rule = {"backendRefs": [backend(name, one) for name, one in zip(COLORS, weights, strict=True)]}
    with pytest.raises(UnfitRoute, match="has shop-blue") as unfit:
        to_live(http(rule), ENDS, None)
    assert "`cutover up` sets the shares" in unfit.value.fix


def test_a_subset_is_of_one_service_alone() -> None:
    with pytest.raises(UnfitRoute, match="has the subset v1, which no DestinationRule has for shop-blue"):
        to_colors(istio({"route": [destination("shop", subset="v1")]}), ENDS, None)
