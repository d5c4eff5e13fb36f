"""The ledger of a service: which releases had their Jobs, and the limit to rollbacks, as annotations. Pure.

Two facts that outlive every pod, Job and edit of the config: which releases had their Jobs, and the release past which
nobody may roll back.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from contract.annotations import JOBS_DONE, NO_ROLLBACK_PAST
from contract.releases import Numbered, read

Phase = Literal["before", "after"]
PHASES: tuple[Phase, Phase] = ("before", "after")

KEPT = 50  # releases per phase; one that comes back later still has had its Jobs


@dataclass(frozen=True)
class Unreadable:
    """A note of a limit that names no release, as somebody wrote it: what it forbids is not known, so it is all."""

    text: str


@dataclass(frozen=True)
class Ledger:
    """The facts; `known` is False where none were ever written, as before Jobs were configured."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    known: bool = False

    def done(self, phase: Phase) -> tuple[str, ...]:
        """The ids of the releases that had their Job of this phase."""
        return self.before if phase == "before" else self.after

    def with_done(self, phase: Phase, release: str) -> "Ledger":
        """The ledger with one more release."""
        listed = (*(one for one in self.done(phase) if one != release), release)[-KEPT:]
        changed = replace(self, before=listed) if phase == "before" else replace(self, after=listed)
        return replace(changed, known=True)

    def text(self) -> str:
        """The annotation's value."""
        return json.dumps({"before": self.before, "after": self.after}, separators=(",", ":"))


def read_ledger(annotations: Mapping[str, str]) -> Ledger:
    """The ledger of an object's annotations; what is no ledger counts as none."""
    try:
        found = json.loads(annotations.get(JOBS_DONE, ""))
        return Ledger(tuple(map(str, found["before"])), tuple(map(str, found["after"])), known=True)
    except (ValueError, KeyError, TypeError):
        return Ledger()


def read_limit(annotations: Mapping[str, str]) -> Numbered | Unreadable | None:
    """The release past which nobody may roll back; None where nothing was noted."""
    text = annotations.get(NO_ROLLBACK_PAST)
    return None if text is None else read(text) or Unreadable(text)
