"""`promote --steps`: which `up` and which watch comes after which, and what is so when a step goes wrong."""

from pathlib import Path
from typing import Any

import pytest

from contract.refusal import Refusal
from cutover.errors import DriverError, GateRefused, Interrupted, UsageError
from cutover.measure import Verdict
from cutover.operations.bake.bake import BakeBlind, BakeFailed
from tests.unit.cutover.test_promote_weight import TEXT, WITH_10
from tests.unit.cutover.walking import BAD, BLIND, GREEN_TEXT, Played, pairs


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    return Played(tmp_path / "Pulumi.dev.yaml", monkeypatch)


def test_each_step_is_an_edit_an_up_and_a_watch_and_the_last_one_is_the_cutover(played: Played) -> None:
    done = played.go()
    assert played.done == [("rehearse", 1), *pairs(5, 25, 100)]
    assert played.path.read_text() == GREEN_TEXT
    assert (done.exit_code, done.changed) == (0, True)
    assert [line for line in done.lines if not line.startswith(" ")] == [
        "5 % watched for 60 s:",
        "25 % watched for 60 s:",
        "shop: green is live with 1.1.0 build 1",
        "watched for 60 s:",
    ]
    assert played.results() == [(5, "passed"), (25, "passed"), (100, "passed")]
    assert all(step["bake"]["passed"] for step in done.details.to_json()["steps"])
    assert played.notes == []


def test_each_step_that_passed_is_told_and_the_end_is_not_told_twice(played: Played) -> None:
    played.go(notify=["https://ci.example/hook"])
    assert [one["message"] for one in played.told] == ["shop: 5 % passed, next 25 %", "shop: 25 % passed, next 100 %"]
    assert {one["result"] for one in played.told} == {"under-way"}
    assert played.told[0]["urls"] == ["https://ci.example/hook"]


def test_a_list_that_ends_below_100_leaves_the_canary_where_it_is(played: Played) -> None:
    done = played.go("5,25")
    assert played.done[1:] == pairs(5, 25)
    assert played.in_file == 25
    assert done.lines[-4:] == (
        "25 % is the last step",
        "shop: blue is live; route public: blue 75 %, green 25 %",
        "`cutover promote shop` makes it the cutover",
        "`cutover promote shop --weight 0` takes the canary back",
    )


def test_a_pause_says_what_goes_on_and_the_same_command_stays_there(played: Played) -> None:
    done = played.go(pause_at=5)
    assert (played.in_file, played.results(), done.exit_code) == (5, [(5, "paused")], 0)
    assert (
        "`cutover promote shop --steps 25,100 --bake 60s` with the other options of this command goes on" in done.lines
    )
    played.done.clear()
    assert not played.go(pause_at=5).changed
    assert played.done == [("rehearse", 1), ("watch", 5)]  # it has the weight already, and is watched again
    played.done.clear()
    played.go("25,100")
    assert played.done[1:] == pairs(25, 100)


def test_a_walk_goes_on_from_the_weight_that_the_file_has(played: Played) -> None:
    played.path.write_text(WITH_10)
    played.weight = 10
    played.go("5,10,25,100", pause_at=5)
    assert played.done[1:] == [("watch", 10), *pairs(25, 100)]
    assert played.results() == [(5, "skipped"), (10, "passed"), (25, "passed"), (100, "passed")]


def test_a_step_whose_up_did_not_end_is_repeated(played: Played) -> None:
    played.path.write_text(WITH_10)  # killed before the route had it
    played.go("10,100")
    assert played.done[1:] == pairs(10, 100)


def test_a_cutover_that_did_not_end_is_carried_to_its_end(played: Played) -> None:
    played.path.write_text(GREEN_TEXT)
    played.weight = 50
    played.go("50,100")
    assert played.done[1:] == pairs(100)
    played.path.write_text(GREEN_TEXT)
    played.weight = 50
    with pytest.raises(UsageError, match="the cutover to green has begun, and the steps end below it"):
        played.go("5,50")


def test_after_its_end_there_is_nothing_to_do(played: Played) -> None:
    played.go()
    done = played.go()
    assert (done.changed, done.lines) == (False, ("shop: green is already live; nothing to do",))
    played.path.write_text(WITH_10)
    played.weight = 10
    assert "shop: green has 10 % of its users already, which no step goes beyond" in played.go("1,5").lines


def test_at_the_first_failed_measurement_the_weight_goes_back_to_nothing(played: Played) -> None:
    played.bakes[25] = BAD
    with pytest.raises(BakeFailed) as failed:
        played.go()
    assert played.done[1:] == [*pairs(5, 25), ("up", 0)]
    assert played.path.read_text() == TEXT
    assert failed.value.what.splitlines() == [
        BAD.reason,
        "went back to 0 %, as Pulumi.dev.yaml says",
        "shop: blue is live; route public: blue 100 %, green 0 %",
    ]
    assert failed.value.exit_code == 1
    assert played.notes == [("reverted", BAD.reason)]
    assert played.results() == [(5, "passed"), (25, "failed")]
    assert played.job.details.to_json()["steps"][1]["bake"]["reason"] == BAD.reason


def test_a_release_that_was_sent_back_is_not_walked_again_unless_that_is_said(played: Played) -> None:
    revision = played.seen.colors["green"].revision
    played.refusal = Refusal.now("reverted", "green", revision, BAD.reason)
    with pytest.raises(GateRefused, match=r"1.1.0 build 1 on green was sent the traffic and lost it again") as refused:
        played.go()
    assert "`cutover promote shop --again`" in refused.value.fix
    assert played.done == []
    played.go("5", again=True)
    assert played.in_file == 5
    with pytest.raises(GateRefused):
        played.go("5,25")
    played.go("5,25", again=True)
    assert played.in_file == 25


def test_where_the_way_back_fails_the_file_says_the_share_that_it_still_has(played: Played) -> None:
    played.bakes[25] = BAD
    played.ups[0] = DriverError("the API server is away", "wait")
    played.past_the_engine = DriverError("HTTP 403")
    with pytest.raises(BakeFailed) as failed:
        played.go()
    assert failed.value.what.startswith(f"{BAD.reason}\nnot gone back to 0 % by the file: the API server is away")
    assert "\nnor past it: HTTP 403" in failed.value.what
    assert failed.value.what.endswith("route public: blue 75 %, green 25 %")
    assert failed.value.fix == "wait; `cutover promote shop --weight 0` takes the canary back"
    assert played.in_file == 25


def test_where_the_file_is_in_the_way_the_share_is_taken_away_past_it_and_that_is_said(played: Played) -> None:
    def edited(*_: Any) -> Verdict:
        played.path.write_text(played.path.read_text() + "# by somebody else\n")
        return BAD

    played.bakes[25] = BAD
    played.hand = edited
    with pytest.raises(BakeFailed) as failed:
        played.go("25,100")
    assert played.done[-1] == ("past the engine", 0)
    assert failed.value.what.splitlines()[1:] == [
        "not gone back to 0 % by the file: Pulumi.dev.yaml was changed by somebody else while this command ran",
        "the route was set back past it; the next `up` does again what Pulumi.dev.yaml says of the canary",
        "shop: blue is live; route public: blue 100 %, green 0 %",
    ]
    assert failed.value.fix.endswith("`cutover promote shop --weight 0` takes the canary back")
    assert played.path.read_text().endswith("# by somebody else\n")
    assert played.notes == [("reverted", BAD.reason)]


def test_what_cannot_be_measured_sends_nothing_back_unless_no_pod_is_ready(played: Played) -> None:
    played.bakes[5] = BLIND
    with pytest.raises(BakeBlind, match="nothing was sent back") as blind:
        played.go()
    assert (played.in_file, "--no-probe" in blind.value.fix) == (5, True)
    played.bakes[5] = BLIND
    played.ready = False
    with pytest.raises(BakeFailed, match="no pod of green is ready; probe shop-green could not be measured"):
        played.go()
    assert played.path.read_text() == TEXT


def test_what_a_gate_says_of_the_release_takes_its_share_too(played: Played) -> None:
    said = "shop-green: GET / failed its smoke check\n    Refused before the switch: traffic stays where it was.\n"
    played.ups[25] = GateRefused(f"{said}    code: gate.smoke_failed")
    with pytest.raises(GateRefused) as refused:
        played.go()
    assert played.done[1:] == [*pairs(5), ("up", 25), ("up", 0)]
    assert played.path.read_text() == TEXT
    assert "traffic stays where it was" not in refused.value.what
    assert refused.value.what.splitlines()[-2:] == [
        "it had 5 %, and went back to 0 %",
        "shop: blue is live; route public: blue 100 %, green 0 %",
    ]
    assert (played.results()[-1], played.notes[0][0]) == ((25, "refused"), "refused")


@pytest.mark.parametrize(
    "error",
    [
        GateRefused("cart-green: GET / failed its smoke check\n    code: gate.smoke_failed"),
        GateRefused("shop: the HTTPRoute public does not fit\n    code: gate.route_unfit"),
        DriverError("no answer of the API server"),
    ],
    ids=["another service", "the route", "the cluster"],
)
def test_a_step_that_fails_for_other_reasons_leaves_the_share_of_before(played: Played, error: DriverError) -> None:
    played.ups[25] = error
    with pytest.raises(type(error)) as ended:
        played.go()
    assert (played.in_file, played.weight, played.done[-1]) == (5, 5, ("up", 25))
    assert ended.value.what.endswith("shop: blue is live; route public: blue 95 %, green 5 %")


def test_an_interrupt_leaves_the_share_and_says_what_goes_on(played: Played) -> None:
    played.bakes[25] = Interrupted("stopped by the user")
    with pytest.raises(Interrupted) as stopped:
        played.go()
    assert played.in_file == 25
    assert stopped.value.what.endswith("route public: blue 75 %, green 25 %")
    assert stopped.value.fix.startswith("`cutover promote shop --steps 25,100 --bake 60s`")
    assert played.results()[-1] == (25, "interrupted")


def test_a_cutover_whose_bake_fails_goes_all_the_way_back(played: Played) -> None:
    played.bakes[100] = BAD
    with pytest.raises(BakeFailed, match="went back: shop to blue again"):
        played.go()
    assert played.path.read_text() == TEXT
    assert played.results()[-1] == (100, "failed")
    assert played.job.details.to_json()["steps"][-1]["bake"]["passed"] is False


def test_a_load_goes_through_all_of_a_walk_and_each_watch_measures_it(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.under("the load", monkeypatch)
    played.go()
    assert played.done == [
        ("rehearse", 1),
        ("load", 0),
        *(one for weight in (5, 25, 100) for one in (("to", weight), ("up", weight), ("watch", weight))),
    ]
    assert played.loads == ["the load"] * 3


def test_the_way_back_is_a_part_of_the_load(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    played.under("the load", monkeypatch)
    played.bakes[5] = BAD
    with pytest.raises(BakeFailed):
        played.go()
    assert played.done[-2:] == [("back", 0), ("up", 0)]
