"""Several stacks in waves: which stacks are in each, and that a wave that failed begins no other."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.errors import UsageError
from cutover.operations.command import fleet
from cutover.operations.command.fleet import child_words, run_fleet, table
from cutover.operations.command.waves import waves
from cutover.options import Options
from cutover.stackfile.find import choose, find_project

NAMES = ["a", "b", "c", "d"]
# A stand-in for a stack's own process: it says which stack it was given, and fails for those whose name says so.
CHILD = """
import json, sys
name = sys.argv[sys.argv.index("--stack") + 1]
code = 3 if "bad" in name else 0
result = "refused" if code else "succeeded"
print(json.dumps({"stack": name, "result": result, "exitCode": code, "words": sys.argv[1:]}))
sys.exit(code)
"""


def test_without_waves_all_are_one() -> None:
    assert waves(None, NAMES) == [NAMES]
    assert waves("rest", NAMES) == [NAMES]


def test_numbers_of_stacks_in_the_order_of_their_names() -> None:
    assert waves("1,2,rest", NAMES) == [["a"], ["b", "c"], ["d"]]
    assert waves("1, 3", NAMES) == [["a"], ["b", "c", "d"]]
    assert waves("4,2,rest", NAMES) == [NAMES]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(0, 12))
def test_every_stack_is_in_one_wave(sizes: list[int], count: int) -> None:
    names = [f"s{number:02}" for number in range(count)]
    found = waves(",".join([*map(str, sizes), "rest"]), names)
    assert [name for wave in found for name in wave] == names
    assert all(found)
    assert all(len(wave) <= size for wave, size in zip(found, sizes, strict=False))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,2", "1 of 4 stacks are in no wave: d"),
        ("rest,1", "rest is not the last"),
        ("0,rest", "'0' is no number of stacks"),
        ("1,,rest", "'' is no number of stacks"),
        ("-1,rest", "'-1' is no number of stacks"),
        ("²,rest", "'²' is no number of stacks"),
    ],
)
def test_other_texts_are_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        waves(text, NAMES)
    assert says in refused.value.what
    assert refused.value.fix


def test_the_words_of_a_wave_are_not_passed_on() -> None:
    words = child_words(["up", "--waves", "1,rest", "--waves=1,rest", "--yes"], "dev")
    assert words == ["up", "--stack", "dev", "--json"]


def test_a_wave_that_failed_begins_no_other(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    for name in ("p1", "p2-bad", "p3", "p4"):
        (folder / f"Pulumi.{name}.yaml").write_text("config: {}\n")
    monkeypatch.setattr(fleet, "START", CHILD)
    monkeypatch.setattr(sys, "argv", ["cutover", "promote", "--bake", "10m", "--waves", "1,2,rest"])
    paths = choose(find_project(folder), "p*")
    options = Options(changes=True, json=True, yes=True, waves="1,2,rest")
    assert run_fleet("promote", options, paths) == 3
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert [(one["stack"], one["wave"], one["result"]) for one in document["stacks"]] == [
        ("p1", 1, "succeeded"),
        ("p2-bad", 2, "refused"),
        ("p3", 2, "succeeded"),
        ("p4", 3, "not-begun"),
    ]
    assert document["stacks"][0]["words"] == ["promote", "--bake", "10m", "--stack", "p1", "--json", "--yes"]
    assert "wave 1 of 3: p1" in said.err
    assert "wave 3" not in said.err
    lines = table(document["stacks"]).splitlines()
    assert lines[0].split() == ["WAVE", "STACK", "RESULT", "SECONDS", "MESSAGE"]
    assert lines[4].split()[:3] == ["3", "p4", "not-begun"]


def test_a_signal_that_leaves_stacks_over_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    for name in ("p1", "p2"):
        (tmp_path / f"Pulumi.{name}.yaml").write_text("config: {}\n")
    stop = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.kill(os.getppid(), signal.SIGTERM)
signal.sigtimedwait({signal.SIGTERM}, 20)
"""
    monkeypatch.setattr(fleet, "START", stop + CHILD)
    monkeypatch.setattr(sys, "argv", ["cutover", "up"])
    paths = choose(find_project(tmp_path), "p*")
    assert run_fleet("up", Options(changes=True, json=True, yes=True), paths) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["exitCode"] == 1
    assert [(one["result"], one["exitCode"]) for one in document["stacks"]] == [("succeeded", 0), ("not-begun", 0)]
