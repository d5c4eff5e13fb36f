"""What the note of the releases that served proves of one that is in it, and of one that is not."""

import json

import pytest

from contract.annotations import SERVED
from contract.refusal import Kind, Refusal
from contract.served import ids_served, never_served


def left(kind: Kind, revision: str = "1-1-0-b1") -> Refusal:
    return Refusal(kind, "green", revision, "2026-01-01T11:59:00Z")


@pytest.mark.parametrize("text", [None, "", "{}", "null", "7", "no JSON"])
def test_what_is_no_such_note_names_nobody_and_proves_nothing(text: str | None) -> None:
    served = ids_served({} if text is None else {SERVED: text})
    assert served == frozenset()
    assert not never_served("1-1-0-b1", served, None)


@pytest.mark.parametrize(
    ("revision", "noted", "never"),
    [
        ("1-0-0-b1", None, False),
        ("1-0-0-b1-t0a", None, False),  # a ReplicaSet's
        ("1-0-0-b12", None, True),
        ("1-1-0-b1", None, True),
        ("1-1-0-b1", left("refused"), True),
        ("1-1-0-b1", left("rolled back"), False),
        ("1-1-0-b1", left("reverted", "1-1-0-b1-t0a"), False),
        ("1-1-0-b1", left("reverted", "1-2-0-b1"), True),
    ],
)
def test_who_is_in_no_note_never_served(revision: str, noted: Refusal | None, never: bool) -> None:
    served = ids_served({SERVED: json.dumps(["0-9-0-b1/aa", "1-0-0-b1/bb"])})
    assert served == {"0-9-0-b1", "1-0-0-b1"}
    assert never_served(revision, served, noted) is never
