"""What a walk is told: all that is wrong is said at once, and nothing is touched."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.errors import UsageError
from cutover.operations.bake.bake_options import BakeOptions, refuse
from cutover.operations.canary.walk import walk
from cutover.operations.canary.walk_options import WalkOptions, listed
from cutover.operations.command.run import Run
from cutover.options import Options
from cutover.output.report import Report
from tests.unit.cutover.test_app import run
from tests.unit.cutover.test_bake_options import options
from tests.unit.cutover.test_promote_weight import TEXT

BAKE = BakeOptions(60.0, 1.0, True, (), None, (), 0)
RISING = st.sets(st.integers(1, 100), min_size=1).map(sorted)


@given(RISING)
def test_rising_shares_are_walked_as_they_were_written(weights: list[int]) -> None:
    asked = WalkOptions(listed(weights), BAKE)
    assert (list(asked.weights), list(asked.problems())) == (weights, [])


@given(RISING, st.integers(0, 101))
def test_a_pause_is_at_a_step_below_100(weights: list[int], pause_at: int) -> None:
    told = list(WalkOptions(listed(weights), BAKE, pause_at).problems())
    assert (told == []) == (pause_at in weights and pause_at != 100)


@given(st.lists(st.integers(-1, 102), min_size=1))
def test_what_is_no_walk_is_refused(weights: list[int]) -> None:
    good = weights == sorted(set(weights)) and weights[0] >= 1 and weights[-1] <= 100
    assert (list(WalkOptions(listed(weights), BAKE).problems()) == []) == good


@pytest.mark.parametrize("steps", ["", ",", "1,,5", "one", "1.5", "1_0", "10%", "5 25", "+5", "\u0665"])
def test_what_is_no_list_of_whole_numbers(steps: str) -> None:
    ((what, fix),) = WalkOptions(steps, BAKE).problems()
    assert f"--steps {steps!r} is no list of whole numbers" in what
    assert "--steps 1,5,25,50,100" in fix


def test_spaces_in_a_list_are_no_matter() -> None:
    assert WalkOptions("1, 5 ,100", BAKE).weights == (1, 5, 100)


def refused(tmp_path: Path, text: str, asked: WalkOptions, *names: str) -> str:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as raised:
        walk(Run("promote", path, Options(yes=True), Report()), names, asked)
    assert path.read_text() == text
    return raised.value.what


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    bake = options(seconds=0.0, interval_seconds=0.0, queries=("up<1",))
    asked = WalkOptions("5,5,0", bake, 30, ("--weight", "--all"), None, 5.0)
    assert refused(tmp_path, TEXT, asked, "cart").splitlines() == [
        "--steps: 0 is no share that a step can give (1 to 100 %)",
        "--steps 5,5,0 does not rise with each step",
        "--pause-at 30 is none of the steps 5,5,0",
        "--steps stands with --weight, --all, which are not of a walk",
        "--steps without --bake would give each share at once, whatever comes of it",
        "--load-rate needs a URL to send to",
        "--query measures during a bake, and there is none",
        "--interval is 0 s: the looks would be a load",
        "--query needs a Prometheus",
        "--steps is for a service whose users two colors can share; cart is none",
    ]


@pytest.mark.parametrize(
    ("names", "what"),
    [
        ((), "no service is named"),
        (("shop", "cart"), "--steps is for one service, or one group; 2 are named"),
        (("shoe",), "no service 'shoe'"),
    ],
)
def test_a_walk_is_of_one_service(tmp_path: Path, names: tuple[str, ...], what: str) -> None:
    assert what in refused(tmp_path, TEXT, WalkOptions("5,100", BAKE), *names)


def test_steps_that_take_more_pods_than_there_are_are_refused_before_the_first(tmp_path: Path) -> None:
    by_pods = TEXT.replace("route: {http_route: public}", "cutover: labels")
    assert refused(tmp_path, by_pods, WalkOptions("10,50,75,90,100", BAKE), "shop") == (
        "--steps: 75 % takes 6 of green's pods beside 2 of blue's, and green has 2"
    )
    few = by_pods.replace("replicas: 2", "replicas: 4\n      standby_replicas: 1")
    assert "--steps: 25 % takes 2 of green's pods beside 4 of blue's, and green has 1" in refused(
        tmp_path, few, WalkOptions("20,25,100", BAKE), "shop"
    )


def test_by_replicas_the_idle_color_is_as_large_as_a_step_needs(tmp_path: Path) -> None:
    few = TEXT.replace("route: {http_route: public}", "port: 80").replace(
        "replicas: 2", "replicas: 4\n      standby_replicas: 1"
    )
    assert "--steps: 75 % takes 12 of green's pods beside 4 of blue's, and green has 4" in refused(
        tmp_path, few, WalkOptions("20,50,75,100", BAKE), "shop"
    )


def test_one_fix_is_not_said_twice() -> None:
    with pytest.raises(UsageError) as raised:
        refuse([("one", "do this"), ("two", "do this"), ("three", "do that")])
    assert (raised.value.what, raised.value.fix) == ("one\ntwo\nthree", "do this; do that")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--steps", "5,100"), "--steps without --bake"),
        (
            ("--steps", "5,50,75,100", "--bake", "15m", "--load", "http://x/"),
            "watching for 3600 s is too long for --load",
        ),
        (("--steps", "5,100", "--bake", "5m", "--load", "ftp://x/"), "--load: "),
        (("--steps", "5,100", "--bake", "5m", "--all"), "--steps stands with --all"),
        (("--steps", "5,100", "--bake", "5m", "--weight", "5"), "--steps stands with --weight"),
        (("--pause-at", "25"), "--pause-at is of a walk, and there are no steps"),
        (("--weight", "5", "--pause-at", "25"), "--weight stands with --pause-at"),
    ],
)
def test_the_command_line_is_refused_as_a_whole(tmp_path: Path, words: Any, says: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: x\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(TEXT)
    told = run("promote", "shop", *words, "--yes", cwd=tmp_path, code=2)
    assert says in told.stdout + told.stderr
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == TEXT


@pytest.mark.parametrize(
    ("steps", "changes", "said"),
    [
        ("10,100", {"load": None}, "--compare is of the answers of a load"),
        ("10,100", {"compare": 0.9}, "--compare 0.9 would fail a canary that is as fast"),
        ("10,100", {"compare": float("nan")}, "--compare nan would fail"),
        ("5,100", {}, "--compare: at 5 % some 30 answers of each kind of connection come in 60 s, and 50 are needed"),
    ],
)
def test_a_comparison_that_could_give_no_verdict_is_refused(steps: str, changes: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"load": "http://127.0.0.1:1/", "load_rate": 20.0, "compare": 1.25} | changes
    if given["load"] is None:
        given["load_rate"] = None
    told = [what for what, _ in WalkOptions(steps, BAKE, **given).problems()]
    assert [what for what in told if what.startswith(said)], told


@pytest.mark.parametrize(("steps", "rate"), [("9,100", 20.0), ("1,100", 167.0), ("100", 20.0)])
def test_a_comparison_with_enough_answers_is_taken(steps: str, rate: float) -> None:
    asked = WalkOptions(steps, BAKE, load="http://127.0.0.1:1/", load_rate=rate, compare=1.25)
    assert list(asked.problems()) == []
