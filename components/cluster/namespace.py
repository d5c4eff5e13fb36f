"""The objects of one namespace over the API: their paths, lists by selector, patches under our own field manager."""

from collections.abc import Mapping
from typing import Any

from components.cluster.connection import Connection
from components.cluster.gathered import Gathered
from contract.ownership import FIELD_MANAGER


class Namespace:
    """Requests about the objects of the namespace `name`. Each raises ClusterUnreachable where nobody answers."""

    def __init__(self, api: Connection, name: str) -> None:
        self._api, self._name = api, name
        often = (self.core("services"), self.workload("deployments"), self.workload("replicasets"))
        self._gathered = {one: Gathered(api.json, one) for one in often}

    async def get(self, path: str) -> Any:
        """An object as it is; {} when there is none. What many services ask for at the same time is read by a list."""
        collection, _, name = path.rpartition("/")
        if collection in self._gathered:
            return await self._gathered[collection].get(name)
        return await self._api.json("GET", path, missing_ok=True)

    async def listed(self, path: str, selector: Mapping[str, str]) -> list[Any]:
        """The objects that the selector finds; none for an empty one, as a Service with it, where the API would list
        all.
        """
        if not selector:
            return []
        wanted = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
        found = await self._api.json("GET", path, params={"labelSelector": wanted})
        return found.get("items") or []

    async def patch(
        self,
        path: str,
        body: dict[str, Any],
        *,
        version: str = "",
        missing_ok: bool = False,
        manager: str = FIELD_MANAGER,
    ) -> Any:
        """The object after a merge patch. With a `version`, {} and no patch where the object is not of it any more;
        with `missing_ok`, {} where there is none.
        """
        if version:
            body = {**body, "metadata": {**body.get("metadata", {}), "resourceVersion": version}}
        return await self._api.json(
            "PATCH",
            path,
            params={"fieldManager": manager},
            body=body,
            content_type="application/merge-patch+json",
            missing_ok=missing_ok or bool(version),
        )

    def core(self, *parts: str) -> str:
        """Path of objects of the core API: `core("services", "shop")`."""
        return "/".join((f"/api/v1/namespaces/{self._name}", *parts))

    def workload(self, *parts: str) -> str:
        """Path of workloads: `workload("deployments", "shop")`."""
        return "/".join((f"/apis/apps/v1/namespaces/{self._name}", *parts))

    def jobs(self, *name: str) -> str:
        """Path of the Jobs, or of one."""
        return "/".join((f"/apis/batch/v1/namespaces/{self._name}/jobs", *name))
