"""A canary's pods taken out of the live Service past the engine: for when the file or the engine is in the way.

The label is taken off as the program takes it off: where each pod is as it was read. What the file says is another
thing then, and has to be said.
"""

import time
from typing import TYPE_CHECKING

from contract.attachment import detach as detached
from contract.labels import ATTACHED, COLOR, INSTANCE, LIVE
from cutover.errors import DriverError, GateRefused, TimedOut
from cutover.observe import look
from cutover.operations.traffic.attach import POLL_SECONDS, TRIES, VERIFY_SECONDS
from cutover.stackfile import ServiceView, StackView

if TYPE_CHECKING:
    from cutover.observe.connection import Api


def detach(api: "Api", view: StackView, service: ServiceView) -> bool:
    """Take every pod of the idle color out of the live Service; whether that changed anything. Raises GateRefused where
    the active color does not take the traffic, TimedOut, ClusterUnreachable.
    """
    name, idle = service.name, service.idle
    seen = look(api, view)[name]
    if seen.live_color != service.active or not (seen.canary and seen.canary.active):
        raise GateRefused(f"{name}: no pod of {service.active} gets new connections, to take the users back")
    pods = f"/api/v1/namespaces/{view.namespace}/pods"
    selector = {"labelSelector": f"{INSTANCE}={name},{COLOR}={idle},{LIVE}={ATTACHED}"}
    changed = False
    for _ in range(TRIES):
        found = [pod for pod in api.items(pods, selector) if "deletionTimestamp" not in pod["metadata"]]
        if not found:
            break
        marks = detached()
        for pod in found:
            changed |= api.patch(f"{pods}/{pod['metadata']['name']}", marks.of_pod, pod["metadata"])
    else:
        raise DriverError(f"{name}: pods of {idle} changed {TRIES} times while they were to be detached")
    end = time.monotonic() + VERIFY_SECONDS
    while (left := look(api, view)[name].canary) and (left.serving or left.unknown):
        if time.monotonic() >= end:
            raise TimedOut(
                f"{name}: {VERIFY_SECONDS:g} s after all pods of {idle} were detached, {left}",
                "`cutover up` settles it, by what the file says",
            )
        time.sleep(POLL_SECONDS)
    return changed
