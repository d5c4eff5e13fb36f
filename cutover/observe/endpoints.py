"""The ready endpoints of Services: the pods that get new connections, by name, from the EndpointSlices."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor

from cutover.errors import ClusterUnreachable
from cutover.observe.connection import Api

AT_ONCE = 8
FROM_THE_CLUSTER = "endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io"
Reading = Collection[str] | str
"""The names of the pods that a Service sends new connections to; or why they are not known."""
Readings = Mapping[str, Reading]
"""Such readings, by the name of the Service."""


def read_endpoints(api: Api, namespace: str, services: Collection[str]) -> dict[str, Reading]:
    """The endpoints of each of these Services; the reason where they cannot be read. Slices that others write are left
    out: they follow no selector.
    """
    if not services:
        return {}
    with ThreadPoolExecutor(min(AT_ONCE, len(services))) as pool:
        return dict(zip(services, pool.map(lambda one: _read(api, namespace, one), services), strict=True))


def _read(api: Api, namespace: str, name: str) -> Reading:
    path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
    try:
        pieces = api.items(path, {"labelSelector": f"{FROM_THE_CLUSTER},kubernetes.io/service-name={name}"})
    except ClusterUnreachable as error:
        return error.what
    return {
        str((endpoint.get("targetRef") or {}).get("name", ""))
        for piece in pieces
        for endpoint in piece.get("endpoints") or []
        if (endpoint.get("conditions") or {}).get("ready", True)
    }
