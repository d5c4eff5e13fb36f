"""docs/states.md and the table that the walks are held to say the same."""

import re
from pathlib import Path

import pytest

from tests.lifecycle.walk_table import CODES, Beside

DOCS = Path(__file__).resolve().parents[2] / "docs" / "states.md"
FORWARD = ("status", "up", "release", "promote")
BACK = ("rollback", "rollback --now", "abort", "destroy")
# What the walk calls a state, and what the two tables of a blue/green service do.
ROWS: dict[Beside, tuple[str, str]] = {
    "nothing": ("live, nothing beside", "live, nothing beside"),
    "preview": ("preview", "preview"),
    "bad preview": ("refused", "refused"),
    "standby": ("standby", "standby"),
    "left": ("left by a rollback", "left"),
}


def _cells() -> dict[str, dict[str, set[int]]]:
    """State -> verb -> the exit codes that a cell names."""
    found: dict[str, dict[str, set[int]]] = {}
    section = DOCS.read_text().partition("## A blue/green service")[2].partition("### `pulumi up` after")[0]
    forward, _, back = section.partition("### The commands that look back")
    for text, verbs in ((forward, FORWARD), (back, BACK)):
        for line in text.splitlines():
            state, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            if len(cells) == len(verbs):
                codes = {
                    verb: {int(code) for code in re.findall(r"\b\d\b", cell)}
                    for verb, cell in zip(verbs, cells, strict=True)
                }
                found[state] = found.get(state, {}) | codes
    return found


@pytest.mark.parametrize("state", ROWS)
def test_the_exit_codes_of_the_walk_are_those_of_the_docs(state: Beside) -> None:
    cells = _cells()
    documented = cells[ROWS[state][0]] | {verb: cells[ROWS[state][1]][verb] for verb in BACK}
    for verb, codes in CODES.items():
        assert codes[state] <= documented[verb.removesuffix(" --again")], (verb, state)
