"""A canary's pods taken out of the live Service past the engine: for when the file or the engine is in the way.

The label is taken off as the program takes it off: where each pod is as it was read. What the file says is another
thing then, and has to be said.
"""

from typing import TYPE_CHECKING

from contract.attachment import detach as detached
from contract.labels import ATTACHED, COLOR, INSTANCE, LIVE
from cutover.errors import DriverError
from cutover.observe import look
from cutover.operations.traffic.attach import TRIES
from cutover.operations.traffic.share_now import answers, nobody, until_taken_back
from cutover.stackfile import ServiceView, StackView

if TYPE_CHECKING:
    from cutover.observe.connection import Api


def detach(api: "Api", view: StackView, service: ServiceView) -> bool:
    """Take every pod of the idle color out of the live Service; whether that changed anything. Raises GateRefused where
    the active color does not take the traffic, TimedOut, ClusterUnreachable.
    """
    name, idle = service.name, service.idle
    if not answers(service, look(api, view)[name]):
        raise nobody(service)
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
    until_taken_back(api, view, service, f"all pods of {idle} were detached")
    return changed
