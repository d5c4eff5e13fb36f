"""The differences of attachment (`cutover: labels`): pods and templates that should be attached, and are. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cutover.observe.facts import LiveService, Workload
from cutover.observe.records import Difference, PodStatus
from cutover.strategies.service import ServiceView


def differences(
    service: ServiceView,
    live: LiveService,
    workloads: Iterable[Workload],
    pods: Mapping[str | None, Sequence[PodStatus]],
    settle: str,
) -> Iterator[Difference]:
    """The differences that a run ended between two steps, or a label changed by hand, left in pods and templates.
    Where the config gives the other color a share, pods of it may be attached: how many is said elsewhere.
    """
    serving = (live.color or "", live.revision or "")
    shared = service.canary_pods and live.color == service.active
    if {pair for pair in live.attached if pair[0] == live.color or not shared} != {serving}:
        found = ", ".join(" ".join(pair) for pair in sorted(live.attached)) or "none"
        yield Difference(f"{service.name}: attached to the live Service", " ".join(serving), found, settle)
    own = [pod for pod in pods.get(live.color, ()) if pod.revision == live.revision and not pod.terminating]
    if lacking := [pod for pod in own if not pod.attached]:
        what = f"{service.name} {live.color}: pods attached"
        yield Difference(what, str(len(own)), str(len(own) - len(lacking)), settle)
    for workload in workloads:
        wanted = (workload.color or "", workload.revision) == serving
        if workload.attached != wanted:
            words = {True: "attached", False: "not attached"}
            yield Difference(f"{workload.name}: new pods", words[wanted], words[workload.attached], settle)
