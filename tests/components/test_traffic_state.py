"""Whether the live Service took the traffic from a release: its notes tell, and times where they do not."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from components.releases.state import TrafficState
from contract.annotations import SERVED

SWITCHED = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
BEFORE, AFTER = SWITCHED - timedelta(minutes=5), SWITCHED + timedelta(minutes=5)


def state(*served: str, complete: bool = True, since: datetime | None = SWITCHED) -> TrafficState:
    notes = {SERVED: json.dumps([f"{one}/aa" for one in served])} if served else {}
    return TrafficState("1-0-0-b1", since, complete, notes)


@pytest.mark.parametrize(
    ("found", "made", "left"),
    [
        (state(), BEFORE, True),
        (state(), AFTER, False),
        (state(since=None), BEFORE, False),
        (state("1-1-0-b1", "1-0-0-b1"), BEFORE, True),
        (state("1-0-0-b1"), BEFORE, False),  # the Service was written since, by whoever wrote its selector
        (state("1-0-0-b1", complete=False), BEFORE, True),  # a cutover that is half done is in no note yet
    ],
)
def test_it_left_what_is_older_than_the_switch_unless_the_notes_know_better(
    found: TrafficState, made: datetime, left: bool
) -> None:
    assert found.left("1-1-0-b1", made) is left
