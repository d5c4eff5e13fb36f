"""Load balancers that send to pods past the live Service and learn of new ones seconds late, as clouds have them."""

import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from prober import Prober
from prober.result import FailureClass, Result
from tests.lifecycle import services, views
from tests.lifecycle.balancer import GATE, Balancer, Late, Registering, behind_live, behind_route
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.routes import EXISTING, ensure_kind, weights
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]

LATE_SECONDS = 20.0
UNASKED_SECONDS = 60.0  # where no run waits for it: longer than pods take to stop on a busy machine
RATE_PER_SECOND = 60.0
# Whether the balancer sends each color its share, and nothing to pods of others.
COMMAND = """
import json, sys
told, targets = json.load(sys.stdin), json.load(open(sys.argv[1]))
colors = {pod["ip"]: pod["color"] for pod in told["pods"] if pod["ready"]}
has = {}
for ip, share in targets.items():
    has[colors.get(ip, ip)] = has.get(colors.get(ip, ip), 0) + share
wanted = {color: share for color, share in told.get("shares", {told["color"]: 100}).items() if share}
print("it sends", has, "and", wanted, "is wanted")
sys.exit(0 if {one: round(share) for one, share in has.items()} == wanted else 75)
"""
Json = dict[str, Any]


@pytest.fixture
def targets(tmp_path: Path) -> Path:
    return tmp_path / "targets.json"


@pytest.fixture
def route(admin: httpx2.Client, namespace: Namespace) -> None:
    """A route that others made, which the balancer carries out."""
    ensure_kind(admin)
    namespace.create_object("httproutes", copy.deepcopy(EXISTING))


def asks(targets: Path) -> Json:
    """The setting `verify_after`."""
    return {
        "command": [sys.executable, "-c", COMMAND, str(targets)],
        "timeout_seconds": 90,
        "interval_seconds": 0.5,
    }


def by_way_of(balancer: Balancer) -> Prober:
    """Steady traffic, each request on a connection of its own."""
    return Prober(balancer.url, rate_per_second=RATE_PER_SECOND, timeout_seconds=ANSWER_SECONDS, kinds=("get-new",))


def refused(result: Result) -> int:
    """Requests that met nobody."""
    assert {one.failure for one in result.failures} <= {FailureClass.REFUSED, FailureClass.CLOSED, FailureClass.RESET}
    print(f"{len(result.failures)} of {result.requests} requests failed")
    return len(result.failures)


@pytest.fixture
def balanced(stack: Stack, namespace: Namespace, targets: Path) -> Iterator[Prober]:
    """Traffic by a balancer to a service with blue live, and green ready beside it."""
    stack.services["shop"] = services.blue_green(drain_seconds=2)
    stack.must_up()
    with Late(namespace, targets, behind_live, LATE_SECONDS) as balancer, by_way_of(balancer) as prober:
        yield prober


def test_the_drain_waits_until_the_balancer_follows(stack: Stack, balanced: Prober, targets: Path) -> None:
    stack.services["shop"]["verify_after"] = asks(targets)
    for color in ("green", "blue"):
        stack.services["shop"]["active"] = color
        stack.must_up()
    assert refused(balanced.stop()) == 0


def test_without_it_the_balancer_sends_to_pods_that_are_gone(stack: Stack, balanced: Prober) -> None:
    stack.services["shop"]["active"] = "green"
    stack.must_up()
    assert refused(balanced.stop()) > 0


@pytest.mark.usefixtures("route")
@pytest.mark.parametrize("asked", [True, False])
def test_so_it_does_after_each_step_of_a_canary(stack: Stack, namespace: Namespace, targets: Path, asked: bool) -> None:
    shop = stack.services["shop"] = services.blue_green(
        route={"http_route": "public"}, drain_seconds=2, standby_replicas=0
    )
    stack.must_up()
    late_seconds = LATE_SECONDS if asked else UNASKED_SECONDS
    with Late(namespace, targets, behind_route, late_seconds) as balancer, by_way_of(balancer) as prober:
        if asked:
            shop["verify_after"] = asks(targets)
        for weight, pods in ((50, 4), (0, 2)):
            shop["canary"] = {"weight": weight}
            outcome = stack.must_up()
            assert ("verify_after command" in outcome.said) == asked
            eventually("the balancer to follow", lambda: len(balancer.targets) == pods)  # noqa: B023 - called at once
        assert views.pods(namespace, color="green") == []
        lost = refused(prober.stop())
    assert (lost == 0) == asked


@pytest.mark.usefixtures("route")
@pytest.mark.parametrize("gated", [True, False])
def test_a_pod_that_has_the_balancer_s_gate_is_ready_once_it_is_its_target(
    stack: Stack, namespace: Namespace, targets: Path, gated: bool
) -> None:
    shop = stack.services["shop"] = services.blue_green(route={"http_route": "public"}, green=None)
    if gated:
        shop["pod"] = {"spec": {"readinessGates": [{"conditionType": GATE}]}}
    with Registering(namespace, targets, LATE_SECONDS) as balancer:
        stack.must_up()
        eventually("blue as its targets", lambda: "" not in balancer.targets and balancer.targets)
        with by_way_of(balancer) as prober:
            shop |= {"green": services.release(services.V2), "canary": {"weight": 50}}
            stack.must_up()
            assert weights(namespace) == {"shop-blue": 50, "shop-green": 50}
            lost = refused(prober.stop())
    assert (lost == 0) == gated
    assert views.made_unselected(stack.watcher.events()) == []
