"""A canary by pods in a status: how many pods of each color get new connections, read from the endpoints."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from contract.releases import other
from cutover.observe.endpoints import Reading, Readings
from cutover.observe.facts import Facts
from cutover.observe.records import Difference, PodStatus, ServiceStatus
from cutover.observe.shares import PodShares
from cutover.stackfile.view import StackView
from cutover.strategies.service import ServiceView


def services_with_a_canary(view: StackView, facts: Mapping[str, Facts]) -> list[str]:
    """The live Services whose endpoints tell the share of a canary of pods."""
    return [name for name, service in view.services.items() if _has_canary(service, facts.get(name, Facts()))]


def _has_canary(service: ServiceView, facts: Facts) -> bool:
    live = facts.live
    return bool(live and live.color and (service.canary_pods or live.shared or len(live.attached) > 1))


def judge_pod_shares(
    view: StackView, facts: Mapping[str, Facts], services: Mapping[str, ServiceStatus], readings: Readings
) -> dict[str, ServiceStatus]:
    """The status of every service, of those that were read with the share of the other color."""
    return {
        name: _with_share(view, view.services[name], facts[name], seen, readings[name]) if name in readings else seen
        for name, seen in services.items()
    }


def _with_share(
    view: StackView, service: ServiceView, facts: Facts, seen: ServiceStatus, reading: Reading
) -> ServiceStatus:
    color = other(seen.live_color or "")
    there = seen.colors.get(color)
    pods = {one: facts.pods.get(one, []) for one in (seen.live_color, color)}
    attached = [pod for pod in pods[color] if _attached(facts, pod) and there and pod.revision == there.revision]
    wanted = service.canary_pods if seen.live_color == service.active else 0
    share = PodShares(color, wanted, len(attached))
    if isinstance(reading, str):
        share = replace(share, unknown=reading)
    else:
        active, idle = (_serving(pods[one], reading) for one in (seen.live_color, color))
        share = replace(share, active=active, serving=idle)
    shared = facts.live is not None and facts.live.shared  # a label too many is told by its own difference
    differs = share.attached != wanted and (wanted or shared)
    fix = f"`cutover up --stack {view.name}` puts the config through"
    what = f"{service.name} {color}: pods attached as a canary"
    found = [Difference(what, str(wanted), str(share.attached), fix)] if differs else []
    return replace(seen, canary=share, differences=(*seen.differences, *found))


def _attached(facts: Facts, pod: PodStatus) -> bool:
    if facts.live and facts.live.shared:
        return not pod.terminating
    return pod.attached


def _serving(pods: Collection[PodStatus], names: Collection[str]) -> int:
    return sum(pod.name in names for pod in pods)
