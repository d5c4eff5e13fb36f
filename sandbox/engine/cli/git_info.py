"""What the history tells of an update's origin: the commit it was made from, and who started it how."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sandbox.engine.backend.version import VERSION

_REMOTE = re.compile(
    r"(?:https?://(?:[^@/]+@)?|(?:[^@/:]+@))(?P<host>[^:/]+)[:/](?P<owner>[^/]+)/(?P<name>.+?)(?:\.git)?/?"
)
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
    return info | _remote(root) | _ci(os.environ), subject


def _remote(root: Path) -> dict[str, str]:
    """Host, owner and name of the remote `origin`; the URL itself, which may hold a login, is not kept."""
    found = _REMOTE.fullmatch(_git(root, "remote", "get-url", "origin") or "")
    named = {"vcs.kind": found["host"], "vcs.owner": found["owner"], "vcs.repo": found["name"]} if found else {}
    top = _git(root, "rev-parse", "--show-toplevel")
    return named | ({"vcs.root": str(root.resolve().relative_to(Path(top).resolve()))} if top else {})


def _ci(variables: Mapping[str, str]) -> dict[str, str]:
    """The run of GitHub Actions that this is, if it is one."""
    run = variables.get("GITHUB_RUN_ID")
    if not run or not variables.get("GITHUB_ACTIONS"):
        return {}
    url = f"{variables.get('GITHUB_SERVER_URL')}/{variables.get('GITHUB_REPOSITORY')}/actions/runs/{run}"
    return {"ci.system": "GitHub Actions", "ci.build.id": run, "ci.build.url": url}


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
