"""The time that a rollout may take without progress: as long as a pod of others may take to start. Pure."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_OURS, _KUBERNETES = 300, 600  # what holds where nothing is written, here and in Kubernetes
_ROOM = 60  # seconds beyond what a pod may take to start: to be scheduled, and to pull its image
_KEY = "progress_deadline_seconds"


def deadline(settings: Json, pod: Json) -> Json:
    """`progress_deadline_seconds` where the default is too short for the pod and the manifest leaves it open: at least
    what Kubernetes has there.
    """
    longest = max(_start(pod), _whole(settings.get("min_ready_seconds")))
    if _KEY in settings or longest < _OURS:
        return {}
    return {_KEY: max(_KUBERNETES, longest + _ROOM)}


def short(settings: Json, pod: Json) -> list[str]:
    """A line where the startup probe lets a pod take longer than the deadline that the manifest writes."""
    longest, written = _start(pod), settings.get(_KEY, _OURS)
    if longest < written:
        return []
    return [
        f"{_KEY} {written}: the startup probe lets a pod take {longest} s. Kubernetes only notes a rollout that takes "
        f"longer, here it has failed; write more than {longest}"
    ]


def _start(pod: Json) -> int:
    """The seconds that startup probes let the containers take that start side by side."""
    return max((_budget(one.get("startupProbe") or {}) for one in pod["containers"]), default=0)


def _budget(probe: Mapping[str, Any]) -> int:
    if not probe:
        return 0
    tries = _whole(probe.get("failureThreshold") or 3)
    return _whole(probe.get("initialDelaySeconds")) + tries * _whole(probe.get("periodSeconds") or 10)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
