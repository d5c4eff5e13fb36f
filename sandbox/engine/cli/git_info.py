"""What the history tells of an update's origin: the commit it was made from, and who started it how."""

import platform
import subprocess
from pathlib import Path

from sandbox.engine.backend.version import VERSION

_FIELDS = ("git.head", "git.committer", "git.committer.email", "git.author", "git.author.email")


def environment(root: Path, exec_kind: str) -> tuple[dict[str, str], str]:
    """The `environment` of a history record, and the commit's subject, which is the message if none was given.

    Outside a git checkout, or without git, only what does not come from it.
    """
    info = {
        "exec.kind": exec_kind or "cli",
        "pulumi.version": VERSION,
        "pulumi.os": platform.system().lower(),
        "pulumi.arch": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
    }
    head = _git(root, "log", "-1", "--format=%H%n%cn%n%ce%n%an%n%ae%n%s")
    if not head:
        return info, ""
    *fields, subject = head.split("\n", len(_FIELDS))
    info.update(zip(_FIELDS, fields, strict=True))
    branch = _git(root, "symbolic-ref", "--quiet", "HEAD")
    if branch:
        info["git.headName"] = branch
    status = _git(root, "status", "--porcelain", "--untracked-files=normal")
    if status is not None:
        info["git.dirty"] = "true" if status else "false"
    return info, subject


def _git(root: Path, *arguments: str) -> str | None:
    """What git says, or None if it says nothing in time: the record does without."""
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.rstrip("\n") if done.returncode == 0 else None
