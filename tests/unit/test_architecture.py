"""The table "What to touch for what" of docs/architecture.md: its files are there, and no row has more than it says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "architecture.md").read_text().partition("## What to touch for what")[2].partition("## ")[0]
ROWS = [line.strip("| ").split(" | ") for line in TABLE.splitlines() if line.startswith("| a") or "(" in line[:60]]
LIMITS = {"probe": 4, "check": 4, "router": 6, "verb": 4, "channel": 4}


@pytest.mark.parametrize(("what", "files"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row_names_files_that_are_there_and_no_more_than_it_says(what: str, files: str) -> None:
    named = {path for path in re.findall(r"`([^` ]+/[^` ]*)`", files) if not path.startswith("tests/")}
    assert named
    for path in named:
        assert list(ROOT.glob(re.sub(r"<[a-z]+>", "*", path).rstrip("/"))), path
    if limit := re.search(r"\((\d)\)$", what):
        models = {path for path in named if path.endswith("router.py") and "<" not in path}  # is read, not touched
        needs = len(named - models) + ("a test" in files) + ("a test, a page" in files)
        assert needs <= int(limit[1])


def test_the_limits_are_those_that_were_asked_for() -> None:
    found = {row[0]: re.search(r"\((\d)\)$", row[0]) for row in ROWS}
    for word, limit in LIMITS.items():
        [match] = [match for what, match in found.items() if re.search(rf"\b{word}\b", what)]
        assert match
        assert int(match[1]) == limit
