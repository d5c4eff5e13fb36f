"""The run that holds a stack now: the driver's lock of this machine, and the engine's where states are in a folder.

Only read: nothing is locked, so it disturbs no run. States elsewhere (a bucket, Pulumi Cloud) tell only the engine.
"""

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from contract.text import one_line
from cutover.observe.records import ServiceStatus
from cutover.stackfile.find import own_name, project_file
from cutover.stackfile.lock import holder_of
from cutover.stackfile.view import StackView

_FILE = "file://"


def run_under_way(view: StackView) -> str:
    """The run under way in words: `cutover, process 12`; empty where nobody is known to."""
    pid = holder_of(view.path)
    if pid and pid != os.getpid():
        return f"cutover, process {pid}"
    return next((who for lock in _locks(view) if (who := _holder(lock))), "")


def waiting(services: Mapping[str, ServiceStatus], run: str) -> dict[str, ServiceStatus]:
    """The same status beside a run: another command would be refused, or disturb it, so none is advised."""
    settle = f"a run is under way ({run}): wait for its end"
    return {
        name: replace(one, differences=tuple(replace(found, settle=settle) for found in one.differences))
        for name, one in services.items()
    }


def _locks(view: StackView) -> list[Path]:
    """The engine's locks of the stack, in a file backend."""
    url = _backend(view.project)
    project = project_file(view.project).get("name")
    if not url.startswith(_FILE) or not project:
        return []
    root = Path(url.removeprefix(_FILE)).expanduser() / ".pulumi" / "locks"
    try:
        return sorted((root / "organization" / str(project) / own_name(view.name)).glob("*.json"))
    except OSError:
        return []


def _backend(project: Path) -> str:
    """Where the states are, as the engine finds it: the environment, the project's file, the login."""
    if url := os.environ.get("PULUMI_BACKEND_URL"):
        return url
    named = project_file(project).get("backend")
    if isinstance(named, dict) and isinstance(named.get("url"), str):
        return str(named["url"])
    home = Path(os.environ.get("PULUMI_HOME") or "~/.pulumi").expanduser()
    return str(_json(home / "credentials.json").get("current") or "")


def _holder(lock: Path) -> str:
    """Who wrote a lock; empty where that process is gone, or the lock."""
    found = _json(lock)
    pid, host = found.get("pid"), str(found.get("hostname") or "")
    if not isinstance(pid, int) or (host == socket.gethostname() and not _runs(pid)):
        return ""
    return one_line(f"pulumi, process {pid} of {found.get('username')} on {host}")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _json(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
