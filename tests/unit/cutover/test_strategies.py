"""What every strategy of the driver owes the rooms that ask it."""

from typing import Any

import pytest

from contract.strategies import SIDE_BY_SIDE, STRATEGIES
from cutover.errors import UsageError
from cutover.strategies.registry import STRATEGIES as KNOWN
from cutover.strategies.registry import parse_service
from cutover.strategies.service import ServiceView
from tests.unit.cutover.objects import V1, V2, V3, blue_green, rolling

SETTINGS = {"blue-green": blue_green(), "rolling": rolling()}


def one(strategy: str, **changes: Any) -> ServiceView:
    return parse_service("shop", {**SETTINGS[strategy], **changes})


def test_each_strategy_of_the_config_is_known() -> None:
    assert KNOWN.keys() == STRATEGIES.keys() - {SIDE_BY_SIDE}  # which is a front over rolling services
    assert KNOWN.keys() == SETTINGS.keys()


@pytest.mark.parametrize("strategy", KNOWN)
def test_its_slots_are_places_in_the_file(strategy: str) -> None:
    service = one(strategy)
    assert service.strategy == strategy
    assert {service.new_slot, service.serving_slot(service.active)} <= service.slots.keys()
    assert service.served == V1
    assert all(service.slot_path(slot) == ("cutover:services", "shop", slot) for slot in service.slots)
    assert all(service.pods_wanted(slot) == 2 for slot in service.slots)
    assert service.gates


@pytest.mark.parametrize("strategy", KNOWN)
def test_the_way_back_is_to_another_release_and_brings_up_what_is_not_there(strategy: str) -> None:
    service = one(strategy)
    assert service.place(service.active, V1) is None
    adopted = {**V3, "adopt": {"deployment": "old"}}
    assert service.place(service.active, adopted) == (service.new_slot, V3)


def test_a_color_that_has_the_release_is_written_nothing() -> None:
    service = one("blue-green")
    assert service.place("blue", V2) == ("green", None)
    assert service.place("blue", V1, away=True) == ("green", V1)
    assert service.place("green", V2) == ("green", None)  # it serves, and the file says another


def test_only_what_switches_can_be_promoted() -> None:
    for strategy in KNOWN:
        service = one(strategy)
        assert bool(list(service.promotion_problems())) is not service.switches
        if service.switches:
            service.check_switch()
        else:
            with pytest.raises(UsageError, match="no second color"):
                service.check_switch()


def test_a_release_in_place_has_to_be_agreed_to() -> None:
    one("blue-green").check_release(roll_out=False)
    one("rolling").check_release(roll_out=True)
    with pytest.raises(UsageError, match="no idle color"):
        one("rolling").check_release(roll_out=False)


def test_a_strategy_that_is_none_is_named_as_it_is_written() -> None:
    service = parse_service("shop", {**rolling(), "strategy": "canary"})
    assert (service.strategy, service.switches, service.served) == ("canary", False, V1)
