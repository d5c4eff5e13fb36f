"""The descriptions of the checks of a release, in a few words: for progress, and for `plan` and `status`.

The check itself (components/checks) and the driver, which tells of it before it runs, describe it with the same words.
"""

from collections.abc import Sequence

MOVED = "endpoints verified after the switch"


def ready(pods: str, timeout_seconds: float) -> str:
    """All wanted pods are ready; `pods` says how many."""
    return f"{pods} ready within {timeout_seconds:g} s"


def smoke(path: str, status: int, body: str | None) -> str:
    """The HTTP smoke check."""
    return f"smoke GET {path}: HTTP {status}" + (f" with {body!r}" if body else "")


def preview(path: str, status: int, body: str | None) -> str:
    """The smoke check of a rolling service, whose one more pod is asked."""
    return f"{smoke(path, status, body)}, of a preview pod before the rollout"


def smoke_job(image: str) -> str:
    """The smoke Job inside the cluster."""
    return f"smoke job {image}"


def verify(command: Sequence[str], timeout_seconds: float) -> str:
    """The user's own command."""
    return f"verify command {command[0] if command else ''}, within {timeout_seconds:g} s"


def verify_after(command: Sequence[str], timeout_seconds: float) -> str:
    """The user's own command after the switch."""
    return f"verify_after command {command[0] if command else ''}, within {timeout_seconds:g} s, before the drain"


def before_job(timeout_seconds: float) -> str:
    """The Job before the cutover."""
    return f"before_cutover Job, once per release, within {timeout_seconds:g} s"
