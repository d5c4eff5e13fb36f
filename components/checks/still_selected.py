"""The checks that a color takes no traffic, before its workload changes or ends."""

import asyncio

from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.errors import GateRefused
from contract.attachment import selects


async def refuse_while_selected(watch: Watch, old: ReleaseView) -> None:
    """Before the old color's workload changes: the live Service no longer selects it. Raises GateRefused."""
    cluster = watch.cluster
    live = await cluster.live_service(watch.service)
    if live is None:
        return
    pods, endpoints = await asyncio.gather(cluster.pods(old.selector), cluster.endpoints(watch.service))
    names = {pod.name for pod in pods}
    serving = sorted(names & {endpoint.pod for endpoint in endpoints if endpoint.ready})
    if serving or any(selects(live.selector, pod.labels) for pod in pods if not pod.terminating):
        raise GateRefused(
            f"{watch.service}: {old.color} is to become the standby, but the live Service still sends to it "
            f"({', '.join(serving) or 'its selector ' + str(dict(live.selector))})",
            "its pods would be stopped while they take requests",
            "`pulumi refresh` shows who changed the Service; then `pulumi up` switches it and goes on",
        )


async def refuse_while_reached(watch: Watch, view: ReleaseView, own: str) -> None:
    """Before all pods of a release end: no front selects them, and no Service but the color's `own` sends to one that
    is ready, whoever made that Service. Raises GateRefused.
    """
    pods, services = await asyncio.gather(watch.cluster.pods(view.selector), watch.cluster.services())
    for service in services:
        if service.name == own or not service.selector:
            continue
        found = [pod for pod in pods if not pod.terminating and selects(service.selector, pod.labels)]
        if reached := [pod.name for pod in found if pod.ready or service.moved_by]:
            raise GateRefused(
                f"{watch.service}: the Service {service.name} sends to {view.color} ({', '.join(sorted(reached))})",
                "its pods would be stopped while they take requests",
                "send that Service elsewhere first",
            )
