"""A canary in a GRPCRoute that others made: moved, taken back from a second writer, missed when it is gone."""

import copy

import httpx2
import pytest

from tests.lifecycle import services
from tests.lifecycle.kube import Namespace
from tests.lifecycle.routes import EXISTING, ensure_kind, weights
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]
PLURAL = "grpcroutes"


def test_a_grpc_route_has_its_weights_moved_and_nothing_else_of_it(
    stack: Stack, namespace: Namespace, admin: httpx2.Client
) -> None:
    ensure_kind(admin, "GRPCRoute")
    spec = copy.deepcopy(EXISTING["spec"])
    for rule in spec["rules"]:
        rule["matches"] = [{"method": {"service": "shop.v1.Cart"}}]
        rule.pop("timeouts", None)
    namespace.create_object(PLURAL, {**EXISTING, "kind": "GRPCRoute", "spec": spec})
    shop = services.blue_green(route={"grpc_route": "public", "rule": 1})
    stack.services["shop"] = shop
    stack.must_up()
    before = namespace.get(PLURAL, "public")["spec"]

    shop["canary"] = {"weight": 10}
    outcome = stack.must_up()
    assert outcome.changes["update"] == 1
    assert "as `route.address` is not set: not seen" in outcome.said
    assert weights(namespace, plural=PLURAL) == {"shop-blue": 90, "shop-green": 10}

    foreign = copy.deepcopy(before)
    for entry in foreign["rules"][1]["backendRefs"]:
        entry["weight"] = {"shop-blue": 30, "shop-green": 70}.get(entry["name"], entry["weight"])
    namespace.patch(PLURAL, "public", {"spec": foreign}, manager="gitops")
    outcome = stack.must_up()
    assert "public has shop-blue 30, shop-green 70, which is not of this stack's making" in outcome.said
    assert weights(namespace, plural=PLURAL) == {"shop-blue": 90, "shop-green": 10}

    shop["canary"] = {"weight": 0}
    stack.must_up()
    assert namespace.get(PLURAL, "public")["spec"] == before

    namespace.delete_object(PLURAL, "public")
    shop["canary"] = {"weight": 10}
    stack.announce()
    refused = stack.run("preview")
    assert refused.code != 0
    assert "there is no such GRPCRoute" in refused.said
