"""Routes in the cluster, of either API: read whole, changed by a JSON patch with its own precondition."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.cluster.connection import Connection
from components.rules.errors import ClusterRefused
from contract.ownership import FIELD_MANAGER
from contract.route_kinds import RouteRef


async def read(api: Connection, namespace: str, route: RouteRef) -> Mapping[str, Any] | None:
    """A route as it is now; None when there is none, or no such kind."""
    found: Mapping[str, Any] = await api.json("GET", route.path(namespace), missing_ok=True)
    return found or None


async def patch(api: Connection, namespace: str, route: RouteRef, operations: Sequence[Mapping[str, Any]]) -> bool:
    """Carry out a JSON patch under our own field manager. False where a `test` of it does not hold any more."""
    try:
        made = await api.json(
            "PATCH",
            route.path(namespace),
            params={"fieldManager": FIELD_MANAGER},
            body=list(operations),
            content_type="application/json-patch+json",
            missing_ok=True,
        )
    except ClusterRefused:
        now = await read(api, namespace, route)
        if now and now["metadata"]["generation"] == operations[0]["value"]:  # not the test: a right, or a rule there
            raise
        return False
    return bool(made)
