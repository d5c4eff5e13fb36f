"""Metadata by role on the pods that run, written past the engine: of pods that were born without it."""

import time
from collections.abc import Mapping
from typing import Any

from contract.labels import COLOR, INSTANCE, REVISION
from contract.roles import RoleMarks, RoleName
from cutover.observe import Api, ServiceStatus
from cutover.observe.pods import over
from cutover.observe.roles import SETTINGS, roles_in
from cutover.stackfile import ServiceView

TRIES = 10  # a pod that has just begun changes often: its kubelet notes how it fares
PAUSE_SECONDS = 0.2


def give_roles(api: Api, namespace: str, service: ServiceView, seen: ServiceStatus) -> int:
    """Give each pod of the service the metadata of its role, as the program does at the end of an `up`; how many lack
    it still. Each write is of the very pod that was read, as it was then. Raises ClusterUnreachable.
    """
    if not roles_in(service):
        return 0
    path = f"/api/v1/namespaces/{namespace}/pods"
    params = {"labelSelector": f"{INSTANCE}={service.name},{COLOR}"}
    late = 0
    for attempt in range(TRIES):
        pods = [one["metadata"] for one in api.items(path, params) if not over(one)]
        due = [(meta, change) for meta in pods if (change := _marks(service, seen, meta).change(meta))]
        late = sum(not api.patch(f"{path}/{meta['name']}", {"metadata": change}, meta) for meta, change in due)
        if not late:
            break
        if attempt < TRIES - 1:
            time.sleep(PAUSE_SECONDS)
    return late


def _marks(service: ServiceView, seen: ServiceStatus, meta: Mapping[str, Any]) -> RoleMarks:
    labels = meta.get("labels") or {}
    serves = (labels.get(COLOR), labels.get(REVISION)) == (seen.live_color, seen.live_revision)
    role: RoleName = "active" if serves else "preview"
    given = service.settings.get(SETTINGS[role]) or {}
    return RoleMarks(role, _texts(given.get("labels")), _texts(given.get("annotations")))


def _texts(given: object) -> dict[str, str]:
    """What of a part of the file can be a label or an annotation: the program refuses all else."""
    found = given if isinstance(given, dict) else {}
    return {key: value for key, value in found.items() if isinstance(key, str) and isinstance(value, str)}
