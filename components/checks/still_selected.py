"""The check that the old color takes no traffic any more, before its workload changes."""

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
