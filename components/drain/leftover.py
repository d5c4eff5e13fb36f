"""The pods that a rollout has left to go: those of another template than the current one, which may still answer."""

from collections.abc import Collection

from components.drain.held import ordinal_of
from components.rules.facts import HASH, TEMPLATE_HASH, Pod, Rollout
from contract.labels import REVISION


def leftover(pods: Collection[Pod], release: str, found: Rollout | None) -> list[str]:
    """The names of the pods that are still to go. Pure.

    One that is of the current template goes for reasons of its own: its node died, an autoscaler needs it no more. A
    template may change under the same release, and while pods of both stay nobody knows which is the current one: then
    each that goes is awaited.
    """
    staying = range(found.partition) if found else ()
    current = found.hash if found else ""
    if not current:
        marks = {_mark(pod) for pod in pods if not pod.terminating and pod.labels.get(REVISION) == release} - {""}
        current = marks.pop() if len(marks) == 1 else ""
    return sorted(
        pod.name
        for pod in pods
        if (pod.terminating and not (current and _mark(pod) == current))
        or (pod.labels.get(REVISION) != release and ordinal_of(pod.name) not in staying)
    )


def _mark(pod: Pod) -> str:
    return pod.labels.get(TEMPLATE_HASH) or pod.labels.get(HASH, "")
