"""The engine and its program are killed with -9 in every step of canaries behind the real gateway. The next `up` goes
on from there, whatever was written and whatever was recorded, and no user notices.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest

from prober import Prober
from sandbox.gateway import Address
from tests.lifecycle import kills, services, views
from tests.lifecycle.gateway.routes import by_own_route, own_route, own_weights
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import DRAIN_SECONDS
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack
from traffic.cells import Router

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # istiod takes 8 minutes to build
RATE_PER_SECOND = 60.0
VERSIONS = {"blue": V1, "green": V2}
Json = dict[str, Any]


@pytest.fixture(params=get_args(Router))
def router(request: pytest.FixtureRequest) -> Router:
    """The kind of the route."""
    found: Router = request.param
    return found


@pytest.fixture
def shop(stack: Stack, namespace: Namespace, gateway: Address, router: Router) -> Json:
    """A service with a route of its own, all of it on blue."""
    made = stack.services["shop"] = services.blue_green(
        route=own_route(namespace, gateway, router), drain_seconds=DRAIN_SECONDS
    )
    stack.must_up()
    return made


@pytest.fixture
def prober(shop: Json, gateway: Address, router: Router) -> Iterator[Prober]:
    """Traffic by that route."""
    with by_own_route(shop["route"], gateway, RATE_PER_SECOND, router) as running:
        yield running


@pytest.mark.parametrize("victim", ["group", "program"])
def test_killed_in_every_step_of_a_canary(
    stack: Stack, namespace: Namespace, shop: Json, prober: Prober, router: Router, victim: kills.Victim, tmp_path: Path
) -> None:
    """When the step begins, when the weights are in the route, and when they are in the state."""

    def has(wanted: dict[str, int]) -> bool:
        return own_weights(namespace, router) == wanted

    number = 0
    for moment in ("begun", "written", "recorded"):
        for weight in (10, 50, 0, 50, 100):
            wanted = _edit(shop, weight)
            log = tmp_path / f"events-{number}.jsonl"
            killed, seen = kills.up_killed(stack, log, victim, _at(moment, partial(has, wanted)))
            assert killed or moment == "recorded", seen  # which may be its last step: it is over before this test looks
            outcome = kills.up_again(stack)
            number += killed
            assert has(wanted), outcome.said
            assert views.live_color(namespace) == shop["active"]
            _only_those(prober, {VERSIONS[name.removeprefix("shop-")] for name, share in wanted.items() if share})
    assert number > 10
    assert prober.stop().failures == []
    assert stack.must_up().changes.keys() == {"same"}


def _edit(shop: Json, weight: int) -> dict[str, int]:
    """One edit: a share for the idle color, none, or the cutover to it; the weights that it asks for."""
    active, idle = ("blue", "green") if shop["active"] == "blue" else ("green", "blue")
    shop.pop("canary", None)
    if weight == 100:
        shop["active"] = idle
    elif weight:
        shop["canary"] = {"weight": weight}
    return {f"shop-{name}": share for name, share in sorted({active: 100 - weight, idle: weight}.items())}


def _at(moment: str, written: Callable[[], bool]) -> Callable[[list[str]], bool]:
    if moment == "written":
        return lambda _: written()
    event = {"begun": "resourcePreEvent", "recorded": "resOutputsEvent"}[moment]
    return lambda seen: any(one.startswith(event) for one in seen)


def _only_those(prober: Prober, versions: set[str]) -> None:
    """For two seconds no other version answers; which ones do is chance."""
    before = dict(prober.progress.versions)
    wanted = sum(before.values()) + 2 * RATE_PER_SECOND
    eventually("more answers", lambda: sum(prober.progress.versions.values()) > wanted)
    after = prober.progress.versions
    assert {name for name, count in after.items() if count > before.get(name, 0)} <= versions
