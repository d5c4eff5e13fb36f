"""What belongs to the user and not to a project: which backend to use and which stack is selected.

Both live under PULUMI_HOME (`~/.pulumi`) in the Pulumi CLI's own files, `credentials.json` and `workspaces/*.json`.
"""

import getpass
import hashlib
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sandbox.engine.backend.errors import EngineError, UsageError
from sandbox.engine.backend.files import write_durably
from sandbox.engine.backend.project import Project


def user() -> str:
    """The user's name, or number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def folder() -> Path:
    """PULUMI_HOME, or `~/.pulumi`."""
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


def backend_url(project: Project | None) -> str:
    """The backend that is in use: the environment's, else the project's, else the one logged in to."""
    url = os.environ.get("PULUMI_BACKEND_URL") or (project.backend_url if project else "")
    url = url or str(_read(folder() / "credentials.json").get("current") or "")
    if not url:
        raise EngineError(
            "no backend is chosen, and this engine keeps state in files only. "
            "Run `pulumi login file://<folder>` or set PULUMI_BACKEND_URL=file://<folder>."
        )
    return url


def backend_path(url: str) -> Path:
    """The folder a `file://` URL means; `file://~` is the home folder."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise UsageError(
            f"the backend {url!r} is not supported: this engine keeps state in files only. "
            "Use file://<folder> (PULUMI_BACKEND_URL or `pulumi login`), or the Pulumi CLI (CUTOVER_PULUMI)."
        )
    text = unquote(parts.netloc + parts.path)
    place = Path(text).expanduser() if text.startswith("~") else Path(text or ".")
    return place.absolute()


def open_backend(url: str) -> Path:
    """The backend's folder, which has to be there: an empty one made in passing would hide a mistyped URL."""
    place = backend_path(url)
    if not place.is_dir():
        why = f"{place} is not a directory" if place.exists() else f"stat {place}: no such file or directory"
        raise EngineError(f'unable to open state directory "{url}": {why}')
    return place


def log_in(url: str) -> None:
    """Make the backend the current one."""
    path = folder() / "credentials.json"
    data = _read(path)
    data["current"] = url
    data.setdefault("accessTokens", {})[url] = ""
    data.setdefault("accounts", {}).setdefault(url, {})
    write_durably(path, json.dumps(data, indent=4).encode())


def log_out(url: str | None) -> str:
    """Forget a backend (the current one if None); gives its URL, or an empty text if there was none."""
    path = folder() / "credentials.json"
    data = _read(path)
    url = url or str(data.get("current") or "")
    if data.get("current") == url:
        data.pop("current", None)
    for key in ("accessTokens", "accounts"):
        data.get(key, {}).pop(url, None)
    write_durably(path, json.dumps(data, indent=4).encode())
    return url


def selected_stack(project: Project, url: str) -> str | None:
    """The stack that commands mean when none is named; `organization/<project>/<stack>` or a plain name."""
    named = os.environ.get("PULUMI_STACK")
    if named:
        return named
    settings = _read(_workspace(project))
    return (settings.get("stacks") or {}).get(url) or settings.get("stack") or None


def select_stack(project: Project, url: str, name: str | None) -> None:
    """Remember the selected stack of a project and backend; None forgets it."""
    path = _workspace(project)
    settings = _read(path)
    settings.pop("stack", None)
    stacks = settings.setdefault("stacks", {})
    if name:
        stacks[url] = name
    else:
        stacks.pop(url, None)
    if not stacks:
        path.unlink(missing_ok=True)
        return
    write_durably(path, json.dumps(settings, indent=4).encode())


def _workspace(project: Project) -> Path:
    digest = hashlib.sha1(str(project.path).encode(), usedforsecurity=False).hexdigest()
    return folder() / "workspaces" / f"{project.name}-{digest}-workspace.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise EngineError(f"{path} is not JSON ({error}). Remove it and log in or select the stack again.") from error
    return data if isinstance(data, dict) else {}
