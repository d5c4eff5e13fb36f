"""The words of a failed run of the Pulumi CLI as the driver's errors."""

import pytest

from components.rules.errors import AGAIN, AfterJobFailed, Gone, ReleaseGone, RolloutUnfinished
from cutover.engine.classify import classify
from cutover.errors import (
    ClusterUnreachable,
    DriverError,
    Exit,
    GateRefused,
    LoginNeeded,
    Missing,
    StackLocked,
    StackMissing,
    TimedOut,
    UsageError,
)

REFUSED = """\
shop: green 1-1-0-b1 is not ready after 30 s: 1 of 2 pods ready
    Refused before the switch: traffic stays where it was.
    why: requests would meet pods that cannot answer, or the wrong release
    fix: mend the release of green or give it longer (`gate_timeout_seconds`); then `pulumi up`
    code: gate.not_ready"""
LOCKED = """\
error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.
  file:///state/x.json: created by ann@ci-7 (pid 12) at 2026-11-21T10:00:00Z"""  # noqa: E501

KEYS = "error: getting stack configuration: get stack secrets manager: secrets (code=Unknown): {why}"


@pytest.mark.parametrize(
    ("said", "output", "kind"),
    [
        ([f'error: before hook "shop-gate" failed: {REFUSED}'], "", GateRefused),
        (
            ["1 problem in the configuration; nothing was changed.\n…\ncode: config.invalid"],
            "",
            UsageError,
        ),
        ([], LOCKED, StackLocked),
        ([], "error: [409] Conflict: Another update is currently in progress.", StackLocked),
        ([], "error: no stack named 'nope' found", StackMissing),
        ([], "error: getting secrets manager: incorrect passphrase", LoginNeeded),
        ([], KEYS.format(why="dial tcp 192.0.2.1:8200: connect: connection refused"), LoginNeeded),
        ([], KEYS.format(why="Error making API request.\n\nCode: 403. Errors:\n\n* permission denied"), LoginNeeded),
        ([], "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions", LoginNeeded),
        (["the Kubernetes API server reported that \"x\" failed: 'shop' timed out waiting to be Ready"], "", TimedOut),
        (["configured Kubernetes cluster is unreachable: unable to load kubeconfig"], "", ClusterUnreachable),
        (["the API server https://x gave no good answer for 30 s (GET /: ConnectError: )"], "", ClusterUnreachable),
        (["some plain failure"], "", DriverError),
    ],
)
def test_what_a_failure_is(said: list[str], output: str, kind: type[DriverError]) -> None:
    assert type(classify(said, output, stack="dev")) is kind


def test_a_refusal_keeps_the_programs_own_words_without_wrapping() -> None:
    said = ["update failed", f'before hook "shop-gate" failed: {REFUSED}', "resource monitor shut down while waiting"]
    assert str(classify(said, "much output", stack="dev")) == REFUSED


@pytest.mark.parametrize("kind", [Gone, ReleaseGone])
def test_what_somebody_deleted_is_known_by_the_words_of_the_program(kind: type[Gone] | type[ReleaseGone]) -> None:
    said = str(kind("shop: service/shop is not in the cluster any more", "the engine sees nothing to do", AGAIN))
    assert type(classify([said], "", stack="dev")) is Missing


def test_several_reasons_are_all_kept_once() -> None:
    error = classify(["error: a broke", "a broke", "b broke", "update failed"], "", stack="dev")
    assert str(error) == "a broke\nb broke"


def test_a_lock_names_its_holder_and_the_way_out() -> None:
    error = classify([], LOCKED, stack="dev")
    assert error.what == "stack dev is locked by another run: created by ann@ci-7 (pid 12) at 2026-11-21T10:00:00Z"
    assert "`pulumi cancel --stack dev`" in error.fix
    assert error.exit_code == Exit.LOCKED


def test_without_any_event_the_last_lines_of_the_output_are_the_reason() -> None:
    assert str(classify([], "line\nerror: it broke", stack="dev")) == "line\nit broke"
    assert str(classify([], "", stack="dev")) == "the engine failed without a word"


def test_what_a_job_after_the_cutover_says_of_its_own_database_is_not_taken_for_the_engine_s() -> None:
    said = str(AfterJobFailed("shop: Job failed: exit code 1, 'connection refused; not logged in'", "why", "fix"))
    assert type(classify([said], "", stack="dev")) is DriverError


def test_an_end_has_the_code_of_the_program_or_of_its_own_kind() -> None:
    assert classify([f'error: before hook "shop-gate" failed: {REFUSED}'], "", stack="dev").code == "gate.not_ready"
    assert classify([], LOCKED, stack="dev").code == "stack.locked"


def test_of_several_ends_the_one_that_says_most_of_traffic_counts() -> None:
    failed = str(RolloutUnfinished("pods of 1 are still there", "why", "fix"))
    assert type(classify([failed, REFUSED], "", stack="dev")) is GateRefused
