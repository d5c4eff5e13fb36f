"""Rows are written as they come, and a new row replaces the old one of its name."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from bench import sheet
from bench.measure import Measured


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sheet, "PATH", tmp_path / "results.json")
    return tmp_path / "results.json"


def test_a_row_is_written_at_once_and_kept_from_run_to_run(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = sheet.Sheet(Console(width=200), "an engine")
    first.add(Measured("empty_up", 3, 0.5, 0.4, 0.6, 0.3))
    assert [row["name"] for row in json.loads(path.read_text())] == ["empty_up"]
    first.add(Measured("warm_cutover", 3, 1.0, 0.9, 1.1, 0.8), 2.0, "x empty_up")
    assert "warm_cutover" in capsys.readouterr().out
    sheet.Sheet(Console(), "another").add(Measured("empty_up", 5, 0.7, 0.7, 0.7, 0.7))
    rows = {row["name"]: row for row in json.loads(path.read_text())}
    assert (rows["empty_up"]["median_s"], rows["empty_up"]["engine"]) == (0.7, "another")
    assert (rows["warm_cutover"]["ratio"], rows["warm_cutover"]["of"]) == (2.0, "x empty_up")
