"""The ends of a command of the driver, as one tree. Each class has its exit code; each `str()` is for who ran it.

DriverError             1  it failed
├── Interrupted         1  stopped by the user
├── ClusterUnreachable  1  the API server did not answer, or refused the identity
├── Missing             1  somebody deleted an object that the engine's state has
├── LoginNeeded         1  the engine's state cannot be read: not logged in, no passphrase, a wrong one
├── UsageError          2  the command, or the configuration, is wrong
│   └── StackMissing    2  there is no such stack
├── GateRefused         3  a gate said no before the switch
├── StackLocked         4  another run holds the stack
├── TimedOut            5  what was waited for did not come about
└── DriftFound          6  the cluster is not what the stack says
"""

import traceback
from enum import IntEnum
from pathlib import Path

from contract.codes import code_in


class Exit(IntEnum):
    """The exit codes of every verb."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    LOCKED = 4
    TIMED_OUT = 5
    DRIFT = 6


class DriverError(Exception):
    """Any end of a command that is not a success. `fix` is what to do next, empty where the text says it already."""

    exit_code = Exit.FAILED
    code = "run.failed"
    """Its stable name; what the program or a gate ended with has that code instead (contract.codes)."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what, fix)
        self.what, self.fix = what, fix
        self.code = code_in(what) or type(self).code

    def __str__(self) -> str:
        return f"{self.what}\n    fix: {self.fix}" if self.fix else self.what


def unexpected(error: Exception) -> DriverError:
    """An error that nobody foresaw, as one of the tree: its kind, its words on one line, and where it came up."""
    if isinstance(error, DriverError):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    at = f", at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    said = " ".join(str(error).split())[:300]
    return DriverError(
        f"the command broke off: {type(error).__name__}: {said}{at}",
        "`cutover status` says what is live; the same command again goes on from there",
    )


class Interrupted(DriverError):  # noqa: N818  (named for what happened)
    """The user stopped the run."""

    code = "run.interrupted"


class ClusterUnreachable(DriverError):  # noqa: N818
    """The API server did not answer, or refused the identity."""

    code = "cluster.unreachable"


class Missing(DriverError):  # noqa: N818
    """An object that the engine's state has was deleted by somebody else. An `up` that refreshes makes it again."""

    code = "object.gone"


class LoginNeeded(DriverError):  # noqa: N818
    """The engine cannot open its state: not logged in, an expired login, no passphrase or a wrong one."""

    code = "login.needed"


class UsageError(DriverError):
    """The command line or the configuration is wrong; nothing was touched."""

    exit_code = Exit.USAGE
    code = "usage.invalid"


class StackMissing(UsageError):  # noqa: N818
    """There is no stack of that name."""

    code = "stack.missing"


class GateRefused(DriverError):  # noqa: N818
    """A gate refused before the switch: traffic stays where it was."""

    exit_code = Exit.REFUSED
    code = "gate.refused"


class StackLocked(DriverError):  # noqa: N818
    """Another run holds the stack's lock."""

    exit_code = Exit.LOCKED
    code = "stack.locked"


class TimedOut(DriverError):  # noqa: N818
    """The end of a wait whose time is over."""

    exit_code = Exit.TIMED_OUT
    code = "run.timed_out"


class DriftFound(DriverError):  # noqa: N818
    """The cluster is not what the stack says."""

    exit_code = Exit.DRIFT
    code = "cluster.drift"
