"""Which services a verb is about, what waits to be promoted, what to go back to."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cutover.engine.records import Update
from cutover.errors import GateRefused, UsageError
from cutover.observe import ColorStatus, ServiceStatus
from cutover.operations.choice import of_any_kind, services
from cutover.operations.command.fleet import child_words, table
from cutover.operations.history import past
from cutover.operations.promote.promotable import waiting
from cutover.stackfile.view import StackView, parse_view

V1 = {"version": "1.0.0", "build": 1, "image": "a:1"}
V2 = {"version": "1.1.0", "build": 1, "image": "a:2"}
V3 = {"version": "1.2.0", "build": 1, "image": "a:3"}


def view(groups: dict[str, Any] | None = None, **given: Any) -> StackView:
    return parse_view({"config": {"cutover:services": given, "cutover:groups": groups or {}}}, Path("Pulumi.dev.yaml"))


def names(found: list[Any]) -> list[str]:
    return [service.name for service in found]


def test_services_are_named_or_all_or_the_only_one() -> None:
    one = view(shop={"active": "blue"}, worker={"strategy": "rolling"})
    assert names(services(one, [])) == ["shop"]
    assert names(of_any_kind(one, ["worker", "shop"])) == ["shop", "worker"]
    with pytest.raises(UsageError, match="worker is a rolling service"):
        services(one, ["worker"])
    with pytest.raises(UsageError, match="no service 'shoe'; it has: shop, worker"):
        services(one, ["shoe"])
    two = view(shop={"active": "blue"}, cart={"active": "blue"})
    with pytest.raises(UsageError, match="no service is named; blue/green ones of dev: shop, cart"):
        services(two, [])
    assert names(services(two, [], everyone=True)) == ["shop", "cart"]
    with pytest.raises(UsageError, match="--all"):
        services(two, ["shop"], everyone=True)


def test_a_group_is_named_by_itself_or_by_any_member() -> None:
    paired = view({"pair": {"active": "blue", "services": ["api", "web"]}}, api={}, web={}, shop={"active": "blue"})
    assert names(services(paired, ["pair"])) == names(services(paired, ["web"])) == ["api", "web"]
    assert names(services(view({"pair": {"active": "blue", "services": ["api", "web"]}}, api={}, web={}), [])) == [
        "api",
        "web",
    ]


def status(live: str | None, *, completed: bool = True, **roles: str) -> ServiceStatus:
    colors = {
        color: ColorStatus(color, release, "r", role, 2, 2)  # type: ignore[arg-type]
        for color, (role, _, release) in ((color, text.partition(":")) for color, text in roles.items())
    }
    return ServiceStatus("shop", "blue-green", "blue", live, "r", completed, colors)


@pytest.mark.parametrize(
    ("given", "seen", "target"),
    [
        ({"active": "blue", "blue": V1, "green": V2}, status("blue", green="preview:1.1.0 build 1"), "green"),
        ({"active": "blue", "blue": V1, "green": V2}, status("blue", green="standby:1.1.0 build 1"), None),
        ({"active": "blue", "blue": V1, "green": V3}, status("blue", green="standby:1.1.0 build 1"), "green"),
        ({"active": "blue", "blue": V1}, status("blue"), None),
        ({"active": "green", "blue": V1, "green": V2}, status("blue", green="standby:1.1.0 build 1"), "green"),
        ({"active": "green", "blue": V1, "green": V2}, status("green", completed=False), "green"),
    ],
)
def test_what_waits_to_be_promoted(given: dict[str, Any], seen: ServiceStatus, target: str | None) -> None:
    targets, lines = waiting(view(shop=given).services.values(), {"shop": seen})
    assert targets == ({"shop": target} if target else {})
    assert lines == ([] if target else ["shop: blue is already live; nothing to do"])


def test_a_group_moves_when_one_of_its_members_has_a_release_waiting() -> None:
    release = {"blue": V1, "green": V2}
    paired = view({"pair": {"active": "blue", "services": ["api", "web"]}}, api=release, web=release)
    seen = {"api": status("blue", green="preview:1.1.0 build 1"), "web": status("blue", green="standby:1.1.0 build 1")}
    assert waiting(paired.services.values(), seen) == ({"api": "green", "web": "green"}, [])


def test_nothing_is_promoted_before_the_first_up() -> None:
    with pytest.raises(UsageError, match="not deployed yet"):
        waiting(view(shop={"active": "blue", "blue": V1}).services.values(), {"shop": status(None)})


def update(number: int, *, result: str = "succeeded", **shop: Any) -> Update:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    return Update(number, "update", result, moment, moment, "", {}, {"shop": shop}, {}, {})


HISTORY = [
    update(4, result="failed", active="green", blue=V1, green=V3),
    update(3, active="blue", blue=V1, green=V3),
    update(2, active="green", blue=V1, green=V2),
    update(1, active="blue", blue=V1),
]


def test_the_way_back_in_the_history() -> None:
    assert past.last_served_by(HISTORY, "shop", "green") == V2
    assert past.last_served_by(HISTORY, "other", "green") is None
    assert past.served_before(HISTORY, "shop", lambda one: one == V1) == V2
    assert past.numbered(HISTORY, 2) is HISTORY[2]
    with pytest.raises(UsageError, match="no update 9; there are: 1 to 4"):
        past.numbered(HISTORY, 9)
    with pytest.raises(UsageError, match="update 4 failed"):
        past.numbered(HISTORY, 4)


@pytest.mark.parametrize("kind", ["refresh", "resource-import", "rename", "destroy"])
def test_what_carried_nothing_out_is_no_way_back(kind: str) -> None:
    looked = replace(update(5, active="green", blue=V1, green=V3), kind=kind)
    with pytest.raises(UsageError, match=rf"update 5 \({kind}\) put no release live"):
        past.numbered([looked, *HISTORY], 5)


def test_the_command_line_of_one_stack_among_several() -> None:
    words = [
        "promote",
        "shop",
        "--stack",
        "prod-*",
        "-sx",
        "--stack=y",
        "--parallel",
        "3",
        "--stop-on-failure",
        "--yes",
    ]
    assert child_words([*words, "--bake", "5s", "--json"], "prod-eu") == [
        *("promote", "shop", "--bake", "5s", "--stack", "prod-eu", "--json")
    ]


def test_the_table_of_several_stacks() -> None:
    rows: list[dict[str, Any]] = [
        {"stack": "dev", "result": "succeeded", "seconds": 1.25, "message": "done\nmore"},
        {"stack": "prod-eu", "result": "not-begun"},
    ]
    assert table(rows).splitlines() == [
        "STACK    RESULT     SECONDS  MESSAGE",
        "dev      succeeded  1.2      done",
        "prod-eu  not-begun  0.0",
    ]


def left(*, noted: bool) -> ServiceStatus:
    """Live on blue; the standby on green is newer, and took the traffic before."""
    from contract.refusal import Refusal

    old, new = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    colors = {
        "blue": ColorStatus("blue", "1.0.0 build 1", "1-0-0-b1", "live", 2, 2, created=old),
        "green": ColorStatus("green", "1.1.0 build 1", "1-1-0-b1", "standby", 2, 2, created=old if noted else new),
    }
    refusal = Refusal("reverted", "green", "1-1-0-b1", "2026-11-21T12:00:00Z", "errors: 7") if noted else None
    return ServiceStatus("shop", "blue-green", "blue", "blue", "1-0-0-b1", True, colors, since=new, refusal=refusal)


@pytest.mark.parametrize(
    ("noted", "served", "how"),
    [
        (True, "", "was sent the traffic and lost it again at 2026-11-21T12:00:00Z: errors: 7"),
        (False, "1-1-0-b1", "took the traffic before, and was left at 2026-11-21T00:00:00Z"),
        (
            False,
            "1-1-0-b11",  # a hand may have moved the Service: that it served nobody has noted
            "is older than the last change of what the live Service selects at 2026-11-21T00:00:00Z, so it may have "
            "had the traffic",
        ),
    ],
)
def test_a_release_that_was_left_is_promoted_again_only_where_that_is_said(noted: bool, served: str, how: str) -> None:
    services = view(shop={"active": "blue", "blue": V1, "green": V2}).services.values()
    seen = {"shop": replace(left(noted=noted), served=frozenset({"1-0-0-b1", served}))}
    with pytest.raises(GateRefused) as refused:
        waiting(services, seen)
    assert refused.value.exit_code == 3
    assert refused.value.what == f"shop: blue is live with 1.0.0 build 1; 1.1.0 build 1 on green {how}"
    assert "`cutover promote shop --again`" in refused.value.fix
    assert waiting(services, seen, again=True) == ({"shop": "green"}, [])
