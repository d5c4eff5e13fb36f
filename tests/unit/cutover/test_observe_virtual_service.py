"""The shares of a VirtualService in a status, which has none of its own; and taken away past the engine."""

from typing import Any

import pytest

from contract.annotations import ROUTED
from contract.route_kinds import VIRTUAL, RouteRef
from cutover.errors import DriverError
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from cutover.observe.routes import Reading, judge_routes
from tests.components.test_virtual_service_gates import public
from tests.unit.cutover.objects import NOW, V1, V2, blue_green, deployment, pods, service, view
from tests.unit.cutover.test_observe_routes import NOTED
from tests.unit.cutover.test_route_now import Routed, back

Json = dict[str, Any]
EXISTS = {"virtual_service": "public", "rule": "main"}


def shop(found: Json | Reading, noted: str | None = NOTED) -> ServiceStatus:
    """Of a service whose green gets 10 %, with these shares noted as seen last."""
    stack = view(shop=blue_green(route=EXISTS, canary={"weight": 10}))
    live = service()
    live["metadata"]["annotations"] |= {ROUTED: noted} if noted else {}
    both = [deployment("blue", V1), deployment("green", V2, minutes=10)]
    facts = gather([live], both, [*pods("blue", V1), *pods("green", V2)], NOW)
    reading = found if isinstance(found, Reading) else Reading(found)
    return judge_routes(stack, facts, judge(stack, facts), {RouteRef(VIRTUAL, "public"): reading})["shop"]


def test_without_a_status_the_weights_and_the_note_of_what_was_seen_tell() -> None:
    seen = shop(public(90, 10))
    assert (str(seen.route), seen.state, seen.drift) == ("blue 90 %, green 10 %", "paused", ())
    assert shop(public(90, 10), noted=None).state == "progressing"
    assert shop(public(100, 0), noted=None).state == "progressing"


@pytest.mark.parametrize(
    ("blue", "green", "told"), [(30, 70, "blue 30 %, green 70 %"), (0, 0, "no weight for either color")]
)
def test_what_somebody_else_has_set_is_degraded(blue: int, green: int, told: str) -> None:
    seen = shop(public(blue, green))
    assert (seen.state, str(seen.route)) == ("degraded", told)
    assert "sets it back" in seen.reason


def test_one_that_is_gone_or_that_no_gateway_follows_is_not_known() -> None:
    gone = shop(Reading(None, "there is no VirtualService public", gone=True))
    assert (gone.state, "`route.virtual_service`" in gone.differences[0].settle) == ("degraded", True)
    broken = public(90, 10)
    broken["spec"]["http"][0]["route"] = [{"destination": {"host": "cdn"}}] * 2
    seen = shop(broken)
    assert seen.route
    assert (seen.state, seen.route.shares) == ("degraded", ())
    assert "its route static has 2 destinations, none of which has a weight" in seen.route.unknown


class Istio(Routed):
    """With one VirtualService."""

    plural = "virtualservices"
    group = "networking.istio.io"


def test_its_share_is_taken_away_past_the_engine() -> None:
    api = Istio(public(75, 25), others=1)
    assert back(api, route=EXISTS)
    assert api.route["spec"] == public(100, 0)["spec"]
    assert len(api.writes) == 2, "the first met another's"
    with pytest.raises(DriverError, match="the VirtualService public does not fit: it has no rule 'other'"):
        back(Istio(public(75, 25)), route=EXISTS | {"rule": "other"})
