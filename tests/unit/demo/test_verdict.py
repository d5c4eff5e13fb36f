"""What the demo calls good, and how it finds the reason of a refusal."""

import re
from collections.abc import Iterable

import pytest

from components.rules.errors import SmokeFailed
from demo.story import BLUE_GREEN, ROLLING, SANDBOX_RELEASES, Step, steps
from demo.verdict import Played, changes, reason, updated_one
from prober import Answer, Failure, Result
from prober.result import FailureClass

CUTOVER = steps(SANDBOX_RELEASES)[1]
BEFORE = {BLUE_GREEN: "1.0.0", ROLLING: "1.0.0"}


def account(answers: Iterable[tuple[float, str]], failures: Iterable[float] = ()) -> Result:
    """Traffic of a step that begins at 0 s, whose `up` returns at 10 s, and that ends at 12 s."""
    return Result(
        target="http://198.18.16.1:80",
        rate_per_second=100,
        seconds=12,
        answers=[Answer(at, 2.0, "get-keep-alive", version, "pod") for at, version in answers],
        failures=[Failure(at, 2.0, "post-new", FailureClass.RESET, "by peer") for at in failures],
        marks={"2 begin": 0.0, "2 returned": 10.0, "2 end": 12.0},
    )


def judged(storefront: Result, step: Step = CUTOVER) -> Played:
    played = Played(step=step, number=2)
    worker = account([(1, "1.0.0"), (11, "1.0.0")])
    played.judge({BLUE_GREEN: storefront, ROLLING: worker}, BEFORE)
    return played


def test_a_clean_cutover_is_good() -> None:
    played = judged(account([(1, "1.0.0"), (5, "1.1.0"), (6, "1.0.0"), (10.1, "1.1.0"), (11, "1.1.0")]))
    assert played.problems == []
    assert played.answers[BLUE_GREEN] == {"1.0.0": 2, "1.1.0": 3}
    assert (played.requests, played.failed) == (7, 0)


@pytest.mark.parametrize(
    ("storefront", "says"),
    [
        (account([(1, "1.0.0"), (10.5, "1.0.0"), (11, "1.1.0")]), r"as 1\.0\.0 once it was over \(to get-keep-alive\)"),
        (account([(1, "0.0.0"), (11, "1.1.0")]), r"as 0\.0\.0 during it, not only as 1\.0\.0, 1\.1\.0"),
        (
            account([(1, "1.0.0"), (11, "1.1.0")], [3]),
            r"1 requests failed \(storefront: 1 post-new reset \(by peer\)\)",
        ),
        (account([(1, "1.0.0"), (2, "1.1.0")]), "no answer once it was over"),
    ],
)
def test_what_is_not_good_is_named(storefront: Result, says: str) -> None:
    problems = "\n".join(judged(storefront).problems)
    assert re.search(says, problems), problems


def test_traffic_outside_the_step_is_not_its_own() -> None:
    played = judged(account([(1, "1.0.0"), (11, "1.1.0"), (12.5, "9.9.9")], [13]))
    assert (played.problems, played.requests) == ([], 4)


def test_the_reason_is_found_in_an_engines_output() -> None:
    error = SmokeFailed("storefront-blue: the body lacks '1.3.0'", "users would get that answer", "mend it")
    output = f"""Updating (dev):
 ~  kubernetes:core/v1:Service storefront **updating failed** error: before hook "gate" failed: {error}
Diagnostics:
    update failed
"""
    assert reason(output).splitlines() == [
        "storefront-blue: the body lacks '1.3.0'",
        "Refused before the switch: traffic stays where it was.",
        "why: users would get that answer",
        "fix: mend it",
    ]
    assert reason("Updating (dev):\nerror: something else") == ""


def test_the_story_puts_back_what_the_broken_release_changed() -> None:
    story = steps(SANDBOX_RELEASES)
    [refused] = [step for step in story if step.undo is not None]
    assert refused.undo is not None
    assert refused.undo.keys() == refused.edits.keys()
    assert refused.serving == story[story.index(refused) - 1].serving


def test_the_sums_of_the_update_are_read_and_not_those_of_its_preview() -> None:
    preview = "Resources:\n    + 2 to create\n    ~ 1 to update\n\nUpdating (dev):\n"
    output = f"{preview}Resources:\n    ~ 1 updated\n    12 unchanged\n\nDuration: 8s\n"
    assert changes(output) == ["~ 1 updated", "12 unchanged"]
    assert updated_one(output)
    assert not updated_one(output.replace("~ 1 updated", "~ 1 updated\n    - 1 deleted"))
    assert not updated_one("")
