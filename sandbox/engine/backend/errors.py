"""What can go wrong, and the exit code that says so.

    EngineError              1  anything that has no code of its own (a failed update, a locked stack)
      UsageError             2  a flag, a value or an invocation that cannot work
      StackNotFoundError     6  the stack does not exist, or none is selected
      ChangesError           7  --expect-no-changes, and there were changes
      CancelledError         8  stopped by the user
    anything else          255  a bug in the engine

The codes are those of the Pulumi CLI. Texts that `pulumi.automation` looks for are marked where they are written.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the engine, the same as the Pulumi CLI's."""

    OK = 0
    ERROR = 1
    USAGE = 2
    STACK_NOT_FOUND = 6
    CHANGES = 7
    CANCELLED = 8
    INTERNAL = 255


class EngineError(Exception):
    """An error with a message for the user and an exit code."""

    exit_code = Exit.ERROR


class UsageError(EngineError):
    """The command cannot work as it was given."""

    exit_code = Exit.USAGE


class StackNotFoundError(EngineError):
    """There is no such stack, or none was named."""

    exit_code = Exit.STACK_NOT_FOUND


class ChangesError(EngineError):
    """Changes were proposed or made although none were expected."""

    exit_code = Exit.CHANGES


class CancelledError(EngineError):
    """The user stopped the operation."""

    exit_code = Exit.CANCELLED


class AlreadyReportedError(EngineError):
    """The operation failed and its diagnostics have been printed: only the exit code is left to give."""
