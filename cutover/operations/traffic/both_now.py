"""A canary by replicas taken back past the engine: for when the file or the engine is in the way.

The selector is set as the program sets it: where the Service is as it was read, and for an active color that answers.
The next `up` carries that to its end. What the file says is another thing then, and has to be said.
"""

import time
from typing import TYPE_CHECKING

from contract.annotations import COMPLETED, SERVES
from contract.labels import COLOR, INSTANCE, REVISION
from cutover.errors import DriverError, GateRefused, TimedOut
from cutover.observe import look
from cutover.operations.traffic.attach import POLL_SECONDS, TRIES, VERIFY_SECONDS
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
        if seen.live_color != service.active or not seen.live_revision or not (seen.canary and seen.canary.active):
            raise GateRefused(f"{name}: no pod of {service.active} gets new connections, to take the users back")
        alone = {INSTANCE: name, COLOR: seen.live_color, REVISION: seen.live_revision}
        body = {
            "spec": {"selector": {**dict.fromkeys(now), **alone}},
            "metadata": {"annotations": {SERVES: None, COMPLETED: None}},
        }
        changed |= api.patch(path, body, found["metadata"])
    else:
        raise DriverError(f"{name}: its live Service changed {TRIES} times while its selector was to be set")
    end = time.monotonic() + VERIFY_SECONDS
    while (left := look(api, view)[name].canary) and (left.serving or left.unknown):
        if time.monotonic() >= end:
            raise TimedOut(
                f"{name}: {VERIFY_SECONDS:g} s after it was to send to {service.active} alone, {left}",
                "`cutover up` settles it, by what the file says",
            )
        time.sleep(POLL_SECONDS)
    return changed
