"""Durations of the command line."""

import pytest

from cutover.durations import seconds_of
from cutover.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("90", 90), ("2m", 120), ("1h30m", 5400), ("0.5s", 0.5), ("1m5s", 65), ("0", 0)]
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert seconds_of(text, "--timeout") == seconds


@pytest.mark.parametrize("text", ["", "s", "1d", "-5s", "1s2m", "soon"])
def test_what_is_no_duration_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match=r"--timeout .* is no duration"):
        seconds_of(text, "--timeout")
