"""A canary by pod labels in a status: how many pods of each color get new connections, read from the endpoints."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from contract.releases import other
from cutover.errors import ClusterUnreachable
from cutover.observe.connection import Api
from cutover.observe.facts import Facts
from cutover.observe.records import Difference, PodStatus, ServiceStatus
from cutover.observe.shares import PodShares
from cutover.stackfile.view import StackView
from cutover.strategies.service import ServiceView

AT_ONCE = 8
Reading = Collection[str] | str
"""The names of the pods that a Service sends new connections to; or why they are not known."""


def read_endpoints(api: Api, view: StackView, facts: Mapping[str, Facts]) -> dict[str, Reading]:
    """The endpoints of each service with a canary of pods; the reason where one cannot be read."""
    names = [name for name, service in view.services.items() if _has_canary(service, facts.get(name, Facts()))]
    if not names:
        return {}
    with ThreadPoolExecutor(min(AT_ONCE, len(names))) as pool:
        return dict(zip(names, pool.map(lambda name: endpoints(api, view.namespace, name), names), strict=True))


def _has_canary(service: ServiceView, facts: Facts) -> bool:
    live = facts.live
    return bool(live and live.by_label and live.color and (service.canary_pods or len(live.attached) > 1))


def endpoints(api: Api, namespace: str, name: str) -> Reading:
    """The ready endpoints of a Service."""
    path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
    try:
        pieces = api.items(path, {"labelSelector": f"kubernetes.io/service-name={name}"})
    except ClusterUnreachable as error:
        return error.what
    return {
        str((endpoint.get("targetRef") or {}).get("name", ""))
        for piece in pieces
        for endpoint in piece.get("endpoints") or []
        if (endpoint.get("conditions") or {}).get("ready", True)
    }


def judge_pod_shares(
    view: StackView, facts: Mapping[str, Facts], services: Mapping[str, ServiceStatus], readings: Mapping[str, Reading]
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
    attached = [pod for pod in pods[color] if pod.attached and there and pod.revision == there.revision]
    wanted = service.canary_pods if seen.live_color == service.active else 0
    share = PodShares(color, wanted, len(attached))
    if isinstance(reading, str):
        share = replace(share, unknown=reading)
    else:
        active, idle = (_serving(pods[one], reading) for one in (seen.live_color, color))
        share = replace(share, active=active, serving=idle)
    differs = wanted and share.attached != wanted
    fix = f"`cutover up --stack {view.name}` puts the config through"
    what = f"{service.name} {color}: pods attached as a canary"
    found = [Difference(what, str(wanted), str(share.attached), fix)] if differs else []
    return replace(seen, canary=share, differences=(*seen.differences, *found))


def _serving(pods: Collection[PodStatus], names: Collection[str]) -> int:
    return sum(pod.name in names for pod in pods)
