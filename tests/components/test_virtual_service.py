"""A VirtualService of the service's own: what is registered for it, and how its copies and conditions are read back."""

from typing import Any

import pytest

from components import BlueGreenService, Canary, CanaryMatch, Route
from components.rules.trial import Answer, refusal
from contract.virtual_service import OWN_RULE, matches_to, mirrored_to
from contract.weights import shares
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.components.test_blue_green_service import BLUE, GREEN
from tests.components.test_route import VALUES, build

OWN = Route(gateways=("edge/gateway",), hosts=("shop.example.com",))
Json = dict[str, Any]


def made(recorder: Recorder) -> Json:
    return {**recorder.find("VirtualService", "shop"), "apiVersion": "networking.istio.io/v1"}


def to(service: str, weight: int | None = None) -> Json:
    found: Json = {"destination": {"host": service, "port": {"number": 80}}}
    return found if weight is None else found | {"weight": weight}


def test_it_has_the_weights_itself_and_comes_after_the_color_that_gets_a_share(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    order = build(recorder, cluster, OWN, 10)
    assert order.index(("VirtualService", "shop")) > order.index(("Deployment", "shop-green-2-0-0-b7"))
    assert not {kind for kind, _ in order} & {"HTTPRoute"}
    assert recorder.find("VirtualService", "shop")["apiVersion"] == "networking.istio.io/v1"
    assert made(recorder)["spec"] == {
        "hosts": ["shop.example.com"],
        "gateways": ["edge/gateway"],
        "http": [{"name": OWN_RULE, "route": [to("shop-blue", 90), to("shop-green", 10)]}],
    }


def test_what_always_goes_to_the_idle_color_stands_before_the_weights_on_the_same_paths(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    conditions = (
        CanaryMatch(header="X-Canary", value="always"),
        CanaryMatch(cookie="group", value="beta.1", method="GET"),
        CanaryMatch(query="beta", value="1"),
    )
    own = OWN.model_copy(update={"path": "/shop"})
    build(recorder, cluster, own, 10, conditions)
    always, main = made(recorder)["spec"]["http"]
    paths = [{"uri": {"exact": "/shop"}}, {"uri": {"prefix": "/shop/"}}]
    assert main == {"name": OWN_RULE, "match": paths, "route": [to("shop-blue", 90), to("shop-green", 10)]}
    assert always["route"] == [to("shop-green")]
    cookie = {"Cookie": {"regex": r"^(.*; ?)?group=beta\.1(;.*)?$"}}
    assert always["match"] == [
        *({**path, "headers": {"X-Canary": {"exact": "always"}}} for path in paths),
        *({**path, "method": {"exact": "GET"}, "headers": cookie} for path in paths),
        *({**path, "queryParams": {"beta": {"exact": "1"}}} for path in paths),
    ]
    assert matches_to(made(recorder), "shop-green") == [str(one.match) for one in conditions]
    assert shares(made(recorder), ("shop-blue", "shop-green"), OWN_RULE) == [
        (OWN_RULE, {"shop-blue": 90, "shop-green": 10})
    ]


@pytest.mark.parametrize(("path", "uris"), [("/", [{"prefix": "/"}]), ("/a/", [{"exact": "/a"}, {"prefix": "/a/"}])])
def test_a_path_means_what_it_means_in_an_http_route(
    recorder: Recorder, cluster: FakeCluster, path: str, uris: list[Json]
) -> None:
    build(recorder, cluster, OWN.model_copy(update={"path": path}), 0)
    (main,) = made(recorder)["spec"]["http"]
    assert [one["uri"] for one in main["match"]] == uris


def test_copies_are_a_percentage_of_the_weighed_entry(recorder: Recorder, cluster: FakeCluster) -> None:
    def make() -> Any:
        fields = {**VALUES, "route": OWN, "canary": Canary(weight=0, mirror=10)}
        return BlueGreenService("shop", namespace="ns", cluster=cluster, blue=BLUE, green=GREEN, **fields).active

    run_program(make)
    (main,) = made(recorder)["spec"]["http"]
    assert main["mirror"] == {"host": "shop-green", "port": {"number": 80}}
    assert main["mirrorPercentage"] == {"value": 10}
    assert mirrored_to(made(recorder), "shop-green") == 10


def test_a_refused_field_of_its_copies_is_named_by_its_key() -> None:
    manifest = {"kind": "VirtualService", "metadata": {"name": "shop"}}
    told = refusal("shop", manifest, Answer(422, "Invalid", ("spec.http[0].mirrorPercentage.value",)))
    assert told is not None
    assert "mend canary.mirror of shop" in told.fix
