"""A canary by replicas taken back past the engine: for when the file or the engine is in the way.

The selector is set as the program sets it: where the Service is as it was read, and for an active color that answers.
The next `up` carries that to its end. What the file says is another thing then, and has to be said.
"""

from typing import TYPE_CHECKING

from contract.annotations import COMPLETED, SERVES
from contract.labels import COLOR, INSTANCE, REVISION
from contract.ownership import SWITCH_MANAGER
from cutover.errors import DriverError
from cutover.observe import look
from cutover.operations.traffic.attach import TRIES
from cutover.operations.traffic.share_now import answers, nobody, until_taken_back
from cutover.stackfile import ServiceView, StackView

if TYPE_CHECKING:
    from cutover.observe.connection import Api


def narrow(api: "Api", view: StackView, service: ServiceView) -> bool:
    """Have the live Service send to the active color alone; whether that changed anything. Raises GateRefused where
    nobody of that color gets new connections, TimedOut, ClusterUnreachable.
    """
    name = service.name
    path = f"/api/v1/namespaces/{view.namespace}/services/{name}"
    changed = False
    for _ in range(TRIES):
        found = api.json("GET", path)
        now = found["spec"].get("selector") or {}
        seen = look(api, view)[name]
        if COLOR in now:
            break
        if not (answers(service, seen) and seen.live_revision):
            raise nobody(service)
        alone = {INSTANCE: name, COLOR: seen.live_color, REVISION: seen.live_revision}
        body = {
            "spec": {"selector": {**dict.fromkeys(now), **alone}},
            "metadata": {"annotations": {SERVES: None, COMPLETED: None}},
        }
        changed |= api.patch(path, body, found["metadata"], manager=SWITCH_MANAGER)
    else:
        raise DriverError(f"{name}: its live Service changed {TRIES} times while its selector was to be set")
    until_taken_back(api, view, service, f"it was to send to {service.active} alone")
    return changed
