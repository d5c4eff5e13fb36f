"""How a command on one stack ended, as one record: what `--json` prints, `--notify` posts and the table shows."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cutover.errors import DriverError, Exit, Interrupted
from cutover.output.details import Details

_WORDS = {
    Exit.DONE: "succeeded",
    Exit.FAILED: "failed",
    Exit.USAGE: "usage",
    Exit.REFUSED: "refused",
    Exit.LOCKED: "locked",
    Exit.TIMED_OUT: "timed-out",
    Exit.DRIFT: "drift",
}


@dataclass(frozen=True)
class Result:
    """`lines` is what people read at the end, `details` what a verb adds to the document.

    `plain` is for verbs whose lines are what was asked for: no time and no mark goes with them.
    `code` is the stable name of an end that is no success (contract.codes). `under_way` is of a command that goes on.
    """

    verb: str
    stack: str
    exit_code: int
    changed: bool
    lines: tuple[str, ...]
    fix: str = ""
    code: str = ""
    interrupted: bool = False
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    details: Details = field(default_factory=Details)
    plain: bool = False
    under_way: bool = False

    @property
    def word(self) -> str:
        """The end in one word."""
        if self.under_way:
            return "under-way"
        if self.interrupted:
            return "interrupted"
        if self.exit_code == Exit.DONE and not self.changed and not self.plain:
            return "nothing-to-do"
        return _WORDS[Exit(self.exit_code)]

    def to_json(self) -> dict[str, Any]:
        """The document."""
        return {
            "verb": self.verb,
            "stack": self.stack,
            "result": self.word,
            "exitCode": int(self.exit_code),
            "changed": self.changed,
            "message": "\n".join(self.lines),
            "fix": self.fix,
            "code": self.code,
            "startedAt": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 2),
            **self.details.to_json(),
        }


def failure(verb: str, stack: str, error: DriverError, *, changed: bool, details: Details | None = None) -> Result:
    """The result of an error."""
    return Result(
        verb,
        stack,
        error.exit_code,
        changed,
        tuple(error.what.splitlines()),
        fix=error.fix,
        code=error.code,
        interrupted=isinstance(error, Interrupted),
        details=details or Details(),
    )
