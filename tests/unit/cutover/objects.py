"""Objects of the API server as the program makes them, for tests of what reads them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contract.annotations import COMPLETED
from contract.labels import COLOR, COMPONENT, INSTANCE, REVISION, VERSION
from cutover.engine.records import Step
from cutover.stackfile.view import StackView, parse_view
from cutover.strategies.releases import id_of

Json = dict[str, Any]
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
V1: Json = {"version": "1.0.0", "build": 1, "image": "shop:1.0.0"}
V2: Json = {"version": "1.1.0", "build": 1, "image": "shop:1.1.0"}
V3: Json = {"version": "1.2.0", "build": 7, "image": "shop:1.2.0"}


def ago(minutes: float) -> str:
    """A time of the API server, so many minutes before now."""
    return (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def view(**services: Json) -> StackView:
    """A stack's config."""
    config = {"cutover:namespace": "shop", "cutover:services": services}
    return parse_view({"config": config}, Path("Pulumi.test.yaml"))


def blue_green(**changes: Any) -> Json:
    """A service of two colors, blue active."""
    return {"strategy": "blue-green", "active": "blue", "replicas": 2, "port": 80, "blue": V1, "green": V2} | changes


def rolling(**changes: Any) -> Json:
    """A rolling app."""
    return {"strategy": "rolling", "replicas": 2, "port": 80, "release": V1} | changes


def service(
    name: str = "shop",
    color: str | None = "blue",
    release: Json = V1,
    *,
    switched: float = 30,
    completed: bool = True,
    made: float = 90,
) -> Json:
    """A live Service, `made` and last `switched` so many minutes ago."""
    revision = id_of(release)
    selector = {INSTANCE: name} | ({COLOR: color, REVISION: revision} if color else {})
    owner = {"time": ago(switched), "fieldsV1": {"f:spec": {"f:selector": {}}}}
    return {
        "metadata": {
            "name": name,
            "labels": {INSTANCE: name, COMPONENT: "live"},
            "creationTimestamp": ago(made),
            "annotations": {COMPLETED: revision} if completed and color else {},
            "managedFields": [owner],
        },
        "spec": {"selector": selector},
    }


def deployment(
    color: str | None = "blue",
    release: Json = V1,
    *,
    replicas: int = 2,
    minutes: float = 60,
    updated: int | None = None,
) -> Json:
    """A workload, whose pods are all of its release unless fewer are `updated`."""
    labels = {INSTANCE: "shop", COMPONENT: "workload", VERSION: release["version"], REVISION: id_of(release)}
    labels |= {COLOR: color} if color else {}
    return {
        "metadata": {"name": f"shop-{color}", "labels": labels, "creationTimestamp": ago(minutes), "generation": 1},
        "spec": {
            "replicas": replicas,
            "strategy": {},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "mesh", "image": "x"}, {"name": "app", "image": release["image"]}]},
            },
        },
        "status": {
            "observedGeneration": 1,
            "replicas": replicas,
            "updatedReplicas": replicas if updated is None else updated,
        },
    }


def pod(
    color: str | None = "blue", release: Json = V1, *, ready: bool = True, minutes: float = 5, **status: Any
) -> Json:
    """A pod; `status` is more of its status."""
    labels = {INSTANCE: "shop", COMPONENT: "workload", REVISION: id_of(release)} | ({COLOR: color} if color else {})
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    return {
        "metadata": {"name": f"shop-{color}-{minutes:g}", "labels": labels, "creationTimestamp": ago(minutes)},
        "status": {"conditions": [condition], **status},
    }


def pods(color: str | None = "blue", release: Json = V1, count: int = 2) -> list[Json]:
    """Ready pods."""
    return [pod(color, release, minutes=5 + number) for number in range(count)]


def runs(found: Json, image_id: str, image: str = "shop:1.0.0") -> Json:
    """A pod that runs an image, as its runtime tells."""
    found["spec"] = {"containers": [{"name": "mesh", "image": "x"}, {"name": "app", "image": image}]}
    found["status"]["containerStatuses"] = [{"name": "app", "imageID": image_id, "state": {"running": {}}}]
    return found


def switch(before: str, after: str) -> Step:
    """The step that begins to move the live Service of `shop` between two releases: `blue/1-0-0-b1`."""

    def inputs(release: str) -> Json:
        color, _, revision = release.partition("/")
        return {"spec": {"selector": {COLOR: color, REVISION: revision}}}

    return Step(
        "begins",
        "update",
        "kubernetes:core/v1:Service",
        "u::shop",
        old=inputs(before),
        new=inputs(after),
        parent="urn:pulumi:test::p::cutover:index:BlueGreenService::shop",
    )
