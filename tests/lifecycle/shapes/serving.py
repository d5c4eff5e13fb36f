"""What must be true of a rolling service at every moment, on a recorded series of the API server's events. Pure.

Each address that its Service gives out as ready is of a pod that was ready by then and runs one of the images that the
config had; once as many were given out as have to stay, there are never fewer.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from tests.lifecycle.judge import SERVICE_NAME, Event, application, why_not_ready

Json = dict[str, Any]


def broken(events: Iterable[Event], service: str, images: Collection[str], fewest: int) -> Iterator[str]:
    """A sentence for each event that broke a rule; `fewest` addresses have to stay once there were so many."""
    pods: dict[str, Json] = {}
    slices: dict[str, Json] = {}
    able: set[str] = set()
    served = False
    for event in sorted(events, key=lambda one: one.revision):
        if event.kind == "pods":
            uid = event.object["metadata"]["uid"]
            pods[uid] = event.object
            able.update(set() if why_not_ready(event.object) else {uid})
            continue
        if event.kind != "endpointslices" or _of(event.object) != service:
            continue
        if event.type == "DELETED":
            slices.pop(event.name, None)
        else:
            slices[event.name] = event.object
        ready = {uid for piece in slices.values() for uid in _ready(piece)}
        what = f"revision {event.revision}: {service}"
        for pod in (pods[uid] for uid in ready if uid in pods):
            if application(pod)["image"] not in images:
                yield f"{what} gives out {pod['metadata']['name']} with {application(pod)['image']}"
            if pod["metadata"]["uid"] not in able:
                yield f"{what} gives out {pod['metadata']['name']}, which never was ready"
        if served and len(ready) < fewest:
            yield f"{what} has {len(ready)} ready endpoints of {fewest}"
        served = served or len(ready) >= fewest


def _of(piece: Json) -> str:
    return str((piece["metadata"].get("labels") or {}).get(SERVICE_NAME, ""))


def _ready(piece: Json) -> Iterator[str]:
    for endpoint in piece.get("endpoints") or []:
        if (endpoint.get("conditions") or {}).get("ready", True) and "targetRef" in endpoint:
            yield endpoint["targetRef"]["uid"]
