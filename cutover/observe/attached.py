"""With `cutover: labels`: where what is attached to the live Service is not what should be. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cutover.observe.facts import LiveService, Workload
from cutover.observe.records import Difference, PodStatus


def differences(
    service: str,
    live: LiveService,
    workloads: Iterable[Workload],
    pods: Mapping[str | None, Sequence[PodStatus]],
    settle: str,
) -> Iterator[Difference]:
    """What a run that ended between two steps, or a label changed by hand, left: in the pods, and in the templates."""
    serving = (live.color or "", live.revision or "")
    if live.attached != {serving}:
        found = ", ".join(" ".join(pair) for pair in sorted(live.attached)) or "none"
        yield Difference(f"{service}: attached to the live Service", " ".join(serving), found, settle)
    own = [pod for pod in pods.get(live.color, ()) if pod.revision == live.revision and pod.reason != "Terminating"]
    if lacking := [pod for pod in own if not pod.attached]:
        what = f"{service} {live.color}: pods attached"
        yield Difference(what, str(len(own)), str(len(own) - len(lacking)), settle)
    for workload in workloads:
        wanted = (workload.color or "", workload.revision) == serving
        if workload.attached != wanted:
            words = {True: "attached", False: "not attached"}
            yield Difference(f"{workload.name}: new pods", words[wanted], words[workload.attached], settle)
