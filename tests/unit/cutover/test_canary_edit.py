"""What a canary forbids the driver, and what a cutover takes out of the file with it."""

import pytest

from cutover.errors import UsageError
from cutover.operations.canary.canary import refuse_at_once, refuse_beside
from cutover.operations.choice import without_canary
from cutover.stackfile.edit import ABSENT
from tests.unit.cutover.test_choices import view

ROUTED = {"active": "blue", "route": {"http_route": "public"}}


def test_a_service_with_a_route_is_not_gone_back_to_at_once() -> None:
    services = view(shop=ROUTED, cart={"active": "blue"}).services
    refuse_at_once([services["cart"]])
    with pytest.raises(UsageError, match="shop: users come by a route, which --now does not move") as refused:
        refuse_at_once(list(services.values()))
    assert "`cutover rollback shop`" in str(refused.value)


def test_a_color_that_has_a_share_is_not_gone_back_to() -> None:
    stack = view(shop={**ROUTED, "canary": {"weight": 10}}, cart={**ROUTED, "canary": {"weight": 0}})
    refuse_beside(stack, ["cart"])
    with pytest.raises(UsageError, match=r"shop: green has 10 % of the route"):
        refuse_beside(stack, [])


def test_a_cutover_takes_the_canary_out_of_the_file() -> None:
    stack = view(shop={**ROUTED, "canary": {"weight": 10}}, cart=ROUTED)
    assert without_canary(stack.services.values()) == {(*stack.services["shop"].home, "canary"): ABSENT}
    assert [service.weight for service in stack.services.values()] == [10, 0]
