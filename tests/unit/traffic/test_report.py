"""The results file and the pictures."""

import xml.etree.ElementTree as ET
from pathlib import Path

from prober import Answer, Failure, FailureClass, Result
from traffic import catalog, document, report
from traffic.cells import Bar, Verdict, slug
from traffic.picture import draw


def test_results_are_kept_and_read_again(tmp_path: Path) -> None:
    verdicts = [
        Verdict(name="a/b", bar="0", requests=100, failed=2, raced=2, up_seconds=[4.2], versions={"1.0.0": 98}),
        Verdict(name="a/c", bar="0", requests=50, problems=["it broke"]),
    ]
    path = tmp_path / "results.json"
    report.write(verdicts, path)
    document = report.document(verdicts)
    assert (document["requests"], document["failed"], len(document["cells"])) == (150, 2, 2)
    assert list(report.read(path).values()) == verdicts
    assert report.line(verdicts) == "2 cells, 150 requests, 2 failed (2 raced): 1 cells broke their bar"
    free = Verdict(name="a/d", bar=str(Bar(failed=None)), requests=9, failed=3)
    assert (
        report.line([free])
        == "1 cells, 9 requests, 3 failed (0 raced, 3 of them in cells that only measure): every bar held"
    )


def test_results_of_another_version_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text('{"cells": [{"name": "a", "unknown": 1}]}')
    assert report.read(path) == {}
    assert report.read(tmp_path / "none.json") == {}


def test_a_picture_shows_versions_failures_and_moments() -> None:
    result = Result(target="http://198.18.0.1:80", rate_per_second=10, seconds=10)
    result.answers = [Answer(n / 10, 5.0, "get-new", "1.0.0" if n < 50 else "1.1.0", "p") for n in range(100)]
    result.failures = [Failure(5.0, 5.0, "get-new", FailureClass.REFUSED, "")]
    result.marks = {"1 up": 2.0, "2 up <returned>": 6.0, "3 see": 6.1, "4 seen": 8.0}
    drawn = draw(result, "a & b")
    words = [element.text for element in ET.fromstring(drawn).iter() if element.text and element.text.strip()]  # noqa: S314
    assert words[0] == "a & b"
    assert {"1.0.0 (50 answers)", "1.1.0 (50 answers)", "failed (1 of 101 requests)", "up", "up <returned>"} <= set(
        words
    )
    assert "see" not in words
    assert drawn.count('fill="#c62828"') == 2  # in the legend and where it happened


def test_the_page_is_filled_from_the_results(tmp_path: Path) -> None:
    cells = [
        Verdict(name=f"blue-green/{stage}/cutover", bar="0", requests=100, up_seconds=[4.0])
        for stage in ("deployment/standby-full", "replica-set/standby-0")
    ]
    cells.append(Verdict(name="faults/cutover/a | b", bar="measured", requests=9, failed=3, raced=1, problems=["x"]))
    page = "# T\n<!-- sums -->\nold\n<!-- end -->\n<!-- matrix -->\n<!-- end -->\n<!-- faults -->\n<!-- end -->\nrest\n"
    page += (unplayed := "<!-- jobs -->\n\nof another run\n\n<!-- end -->\n")
    filled = document.fill(page, cells)
    assert filled == document.fill(filled, cells)
    assert "old" not in filled
    assert filled.endswith(f"rest\n{unplayed}")
    assert "| scenario | deployment, standby full | replica-set, standby 0 |" in filled
    assert "| cutover | 0 of 100, 4.0 s | 0 of 100, 4.0 s |" in filled
    assert "| cutover/a \\| b ✖ | 9 | 3 (1 raced) | measured | 0 |  |  |" in filled


def test_the_page_names_the_pictures_that_are_missing(tmp_path: Path) -> None:
    page, pictures = tmp_path / "traffic.md", tmp_path / "pictures"
    page.write_text("<!-- sums -->\n<!-- end -->\n")
    pictures.mkdir()
    shown, cell = next(iter(document.SHOWN.items()))
    (pictures / f"{slug(cell)}.svg").write_text("<svg/>")
    missing = document.write({"a": Verdict(name="a", bar="0")}, page, pictures)
    assert missing == [name for name in document.SHOWN.values() if name != cell]
    assert (tmp_path / shown).read_text() == "<svg/>"
    assert {cell.name for cell in catalog.cells()} >= set(document.SHOWN.values())
