"""A git commit of one stack's file, with a conventional message."""

import time
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from contract.text import one_line
from cutover.errors import DriverError, UsageError

if TYPE_CHECKING:
    import subprocess

LIMIT_SECONDS = 60.0  # for one command of git; hooks of a commit may take a while
TRIES, PAUSE_SECONDS = 20, 0.25  # another stack's commit may hold the index for a moment


class NotCommitted(DriverError):  # noqa: N818  (named for what happened)
    """The change is live and in the file, and only its commit did not come about."""


def check_repository(path: Path) -> None:
    """Raises UsageError where the file is in no git repository, is not as its last commit has it, or git knows nobody
    to commit as.

    A commit of the driver's edit would take along what somebody else changed in the file and did not commit.
    """
    done = _git(path, "status", "--porcelain", "--", path.name)
    if done.returncode and "not a git repository" in done.stderr:
        raise UsageError(f"--commit: {path.parent} is in no git repository", "leave --commit out, or `git init`")
    if done.returncode:
        said = one_line(done.stderr or done.stdout) or f"it ended with {done.returncode}"
        raise UsageError(f"--commit: `git status` failed: {said}", "do what git says there, or leave --commit out")
    for variable in ("GIT_COMMITTER_IDENT", "GIT_AUTHOR_IDENT"):
        if (known := _git(path, "var", variable)).returncode:
            raise UsageError(
                f"--commit: git knows no name and address to commit with: {one_line(known.stderr)}",
                "`git config user.name NAME` and `git config user.email ADDRESS`, or leave --commit out",
            )
    if done.stdout.strip():
        raise UsageError(
            f"--commit: {path.name} has changes that are not committed", f"commit them: git diff -- {quote(path.name)}"
        )


def commit_file(path: Path, message: str) -> str | None:
    """Commit the file alone, whatever else is staged; the short id; None without a change. Raises NotCommitted."""
    try:
        return _committed(path, message)
    except NotCommitted:
        raise
    except DriverError as error:  # a hook that hangs
        what = f"the change is live, but {path.name} could not be committed: {error.what}"
        raise NotCommitted(what, error.fix) from error


def _committed(path: Path, message: str) -> str | None:
    if not _git(path, "status", "--porcelain", "--", path.name).stdout.strip():
        return None
    for _ in range(TRIES):
        done = _git(path, "commit", "--quiet", "--only", "-m", message, "--", path.name)
        if done.returncode == 0:
            return _git(path, "rev-parse", "--short", "HEAD").stdout.strip()
        if "index.lock" not in done.stderr:
            break
        time.sleep(PAUSE_SECONDS)
    raise NotCommitted(
        f"the change is live, but {path.name} could not be committed: {one_line(done.stderr or done.stdout)}",
        f"git commit -m {quote(message.splitlines()[0])} -- {quote(path.name)}",
    )


def _git(path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    import subprocess

    try:
        return subprocess.run(
            ["git", *words],
            cwd=path.parent,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        fix = "run it by hand in that folder: a hook, a signing key or a hanging disk may hold it"
        raise DriverError(f"--commit: `git {words[0]}` did not end within {LIMIT_SECONDS:g} s", fix) from None
    except OSError as error:
        raise UsageError(f"--commit needs git: {error}", "install git, or leave --commit out") from error
