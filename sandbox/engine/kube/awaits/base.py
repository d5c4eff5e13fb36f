"""What the awaiters share: the verdict, conditions, owned objects and what pods have to say."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.engine.kube.client import Client, Object

SKIP = "pulumi.com/skipAwait"


@dataclass(frozen=True)
class Verdict:
    """One look at an object: `note` tells progress, or what failed for good."""

    ready: bool
    note: str = ""
    failed: bool = False


class Checker:
    """Judges one object; made anew for each wait."""

    judged_on_read: ClassVar[bool] = True
    custom: ClassVar[bool] = False

    def __init__(self, client: Client, live: Object, before: Object | None):
        self.client = client
        self.before = before
        self.namespace = str(live["metadata"].get("namespace") or "")

    def look(self, live: Object) -> Verdict:
        """Judge the object as it is now."""
        raise NotImplementedError

    def reasons(self, live: Object) -> list[str]:  # noqa: ARG002 - some kinds have nothing to add
        """Say why it is not ready."""
        return []

    def owned(self, api_version: str, kind: str, owner: Object, selector: Object | None) -> list[Object]:
        """List the objects of a kind that `owner` controls; `selector` narrows the request."""
        labels = (selector or {}).get("matchLabels") or {}
        query = {"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items())} if labels else {}
        uid = owner["metadata"]["uid"]
        found = self.client.find_all(api_version, kind, self.namespace, **query)
        return [
            one
            for one in found
            if any(reference.get("uid") == uid for reference in one["metadata"].get("ownerReferences") or [])
        ]


def annotation(obj: Object, key: str) -> str:
    """Read an annotation, empty if it is not set."""
    return str(((obj.get("metadata") or {}).get("annotations") or {}).get(key) or "")


def timed_out(name: str, custom: bool) -> str:
    """The error at the deadline."""
    return "timed out waiting for the condition" if custom else f"'{name}' timed out waiting to be Ready"


def cancelled(name: str) -> str:
    """The error when the run is interrupted."""
    return f'resource operation was canceled for "{name}"'


def status(live: Object) -> dict[str, Any]:
    """The object's status, empty before its controller has seen it."""
    return live.get("status") or {}


def condition(live: Object, type_: str) -> dict[str, Any]:
    """One condition, empty if it is not reported."""
    found = status(live).get("conditions") or []
    return next((one for one in found if one.get("type") == type_), {})


def holds(live: Object, type_: str) -> bool:
    """Whether a condition is True."""
    return bool(condition(live, type_).get("status") == "True")


def observed(live: Object) -> bool:
    """Whether the controller has seen the object's current generation."""
    seen = status(live).get("observedGeneration")
    return seen is not None and seen >= live["metadata"].get("generation", 0)


def pod_ready(pod: Object) -> bool:
    """Whether a pod is ready, or has done its work."""
    return holds(pod, "Ready") or status(pod).get("phase") == "Succeeded"


def pod_reasons(pods: Iterable[Object]) -> list[str]:
    """What keeps pods from being ready, in the words of the scheduler and the kubelet."""
    return [text for pod in pods if not pod_ready(pod) for text in _pod_reasons(pod)]


def _pod_reasons(pod: Object) -> list[str]:
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return [str(scheduled["message"])] if scheduled.get("message") else []
    metadata, state = pod["metadata"], status(pod)
    namespace = metadata.get("namespace")
    name = metadata["name"] if namespace in (None, "default") else f"{namespace}/{metadata['name']}"
    blocking = condition(pod, "Ready") or condition(pod, "Initialized")
    containers = (state.get("initContainerStatuses") or []) + (state.get("containerStatuses") or [])
    told = [text for one in containers if not one.get("ready") for text in _container_reasons(one)]
    message = str(blocking.get("message") or "")
    return [f"[Pod {name}]: {message}{'; '.join(told)}"] if message or told else []


def _container_reasons(container: Object) -> list[str]:
    state, told = container.get("state") or {}, []
    waiting, ended = state.get("waiting"), state.get("terminated")
    last = (container.get("lastState") or {}).get("terminated")
    if waiting and waiting.get("reason") not in ("ContainerCreating", "PodInitializing"):
        told.append(f"[{waiting.get('reason')}] {waiting.get('message') or ''}".rstrip())
    if ended and ended.get("reason") and ended.get("exitCode"):
        message = ended.get("message")
        told.append(
            f"[{ended['reason']}] {message}"
            if message
            else f'container "{container["name"]}" completed with exit code {ended["exitCode"]}'
        )
    if last:
        told.append(
            f'container "{container["name"]}" terminated at {last.get("finishedAt")} '
            f"({last.get('reason')}: exit code {last.get('exitCode')})"
        )
    return told
