"""The releases that a service keeps beside its colors (`kept`), as the cluster has them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from contract.releases import other, runs_release
from contract.words import counted
from cutover.observe.facts import Facts, Workload
from cutover.observe.records import Difference, KeptStatus
from cutover.strategies.releases import describe, id_of
from cutover.strategies.service import ServiceView


@dataclass(frozen=True)
class Apart:
    """The facts of the colors alone, and the status of each kept release."""

    facts: Facts
    kept: tuple[KeptStatus, ...]

    def missing(self, service: ServiceView, settle: str) -> Iterator[Difference]:
        """The kept releases that have no workload."""
        for one in self.kept:
            if one.missing:
                what = f"{service.name} kept {one.release}"
                yield Difference(what, counted(service.standby_replicas, "pod"), "none", settle)


def set_apart(service: ServiceView, facts: Facts) -> Apart:
    """The kept releases apart from the colors: they carry the color that does not serve, and are not its release. What
    takes the traffic is no kept one, whatever the file says.
    """
    on_colors = {id_of(one) for one in service.colors.values()}
    kept = {id_of(one): describe(one) for one in service.kept if id_of(one) not in on_colors}
    live = facts.live
    serving = live.revision if live else None
    idle = other(live.color) if live and live.color else service.idle

    def is_kept(revision: str) -> bool:
        return revision != serving and any(runs_release(revision, one) for one in kept)

    if not kept:
        return Apart(facts, ())
    apart: list[Workload] = [one for one in facts.workloads if is_kept(one.revision)]
    pods = [pod for listed in facts.pods.values() for pod in listed if is_kept(pod.revision)]
    found = []
    for release, text in kept.items():
        mine = [one for one in apart if runs_release(one.revision, release)]
        one = max(mine, key=lambda workload: (workload.color == idle, workload.created), default=None)
        ready = sum(pod.ready for pod in pods if one and pod.revision == one.revision)
        found.append(KeptStatus(text, one.wanted if one else 0, ready, missing=one is None))
    colors = replace(
        facts,
        workloads=[one for one in facts.workloads if not is_kept(one.revision)],
        pods={color: [pod for pod in listed if not is_kept(pod.revision)] for color, listed in facts.pods.items()},
    )
    return Apart(colors, tuple(found))
