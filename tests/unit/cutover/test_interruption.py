"""A traceback of Python's own start, interrupted, is nobody's news; all else that is said comes through, in order."""

import pytest

from cutover.engine.interruption import Interruption
from cutover.engine.records import Step

TRACE = ["Traceback (most recent call last):", '  File "exec", line 4, in <module>', "    import argparse"]
OTHER = Step("begins", "update", "kubernetes:core/v1:Service", "x::shop")


def heard(*texts: str | Step) -> list[str]:
    found: list[Step] = []
    between = Interruption(found.append)
    for text in texts:
        between.take(text if isinstance(text, Step) else Step("says", text=text))
    between.end()
    return [step.text or step.moment for step in found]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["hello", *TRACE, "KeyboardInterrupt", "bye"], ["hello", "bye"]),
        (["\n".join([*TRACE, "KeyboardInterrupt"]), "bye"], ["bye"]),
        ([*TRACE, "KeyboardInterrupt: why"], []),
        ([*TRACE, "ValueError: no", "bye"], [*TRACE, "ValueError: no", "bye"]),
        (["\n".join([*TRACE, "ValueError: no"])], ["\n".join([*TRACE, "ValueError: no"])]),
        (TRACE, TRACE),
        (["  indented", "KeyboardInterrupt"], ["  indented", "KeyboardInterrupt"]),
    ],
)
def test_only_an_interrupted_start_is_left_out(said: list[str], told: list[str]) -> None:
    assert heard(*said) == told


def test_a_step_in_between_is_heard_at_once() -> None:
    assert heard(TRACE[0], OTHER, *TRACE[1:], "KeyboardInterrupt") == ["begins"]
    assert heard(TRACE[0], OTHER, "ValueError: no") == ["begins", TRACE[0], "ValueError: no"]
