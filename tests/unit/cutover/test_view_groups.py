"""Services that cut over together have their group's color."""

from pathlib import Path
from typing import Any

from cutover.stackfile.view import parse_view
from tests.unit.cutover.objects import V1, V2


def view_of(groups: object) -> dict[str, str | None]:
    member: dict[str, Any] = {"strategy": "blue-green", "blue": V1, "green": V2}
    services = {"api": member, "web": member, "own": {**member, "active": "blue"}}
    config = {"cutover:services": services, "cutover:groups": groups}
    found = parse_view({"config": config}, Path("Pulumi.test.yaml")).services
    return {name: service.active for name, service in found.items()}


def test_a_member_takes_its_color_from_the_group() -> None:
    assert view_of({"shop": {"active": "green", "services": ["api", "web"]}}) == {
        "api": "green",
        "web": "green",
        "own": "blue",
    }


def test_groups_of_another_shape_are_left_to_the_program() -> None:
    odd_ones: list[object] = [None, [], {"shop": 3}, {"shop": {"active": "green", "services": "api"}}]
    for odd in odd_ones:
        assert view_of(odd) == {"api": None, "web": None, "own": "blue"}
