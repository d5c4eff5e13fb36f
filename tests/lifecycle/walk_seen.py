"""What a walk sees: what its stack's file wants, and what the cluster has."""

from dataclasses import dataclass
from typing import Any

import yaml

from tests.lifecycle import views
from tests.lifecycle.judge import COLOR, REVISION, SERVICE_NAME
from tests.lifecycle.kube import eventually
from tests.lifecycle.stack import Stack

Json = dict[str, Any]

SHOP, APP = "shop", "app"
COLORS = ("blue", "green")
STACK = "cutover.dev/stack"
KINDS = {"Deployment": "deployments", "ReplicaSet": "replicasets", "Service": "services"}


def other(color: str) -> str:
    return "green" if color == "blue" else "blue"


def of_release(given: Json) -> str:
    """The id of a release as the file has it: `1-1-0-b1`."""
    return f"{given['version'].replace('.', '-')}-b{given['build']}"


def runs(revision: str, wanted: str) -> bool:
    """Whether a revision is of that release: the id, or with a ReplicaSet's digest."""
    return revision == wanted or revision.startswith(f"{wanted}-t")


def _whole(workload: Json) -> bool:
    """Whether it is nobody's part: a Deployment has ReplicaSets of its own."""
    return not workload["metadata"].get("ownerReferences")


@dataclass
class Seen:
    """The stack of a walk; `variety` is one of `VARIETIES`."""

    stack: Stack
    variety: str

    @property
    def shop(self) -> Json:
        """The blue/green service as the file has it."""
        return self.stack.services[SHOP]

    @property
    def active(self) -> str:
        return str(self.shop["active"])

    @property
    def idle(self) -> str:
        return other(self.active)

    @property
    def live(self) -> str | None:
        """The color that takes the traffic, as the cluster has it now."""
        there = self.stack.namespace.find("services", SHOP)
        return (views.live_color(self.stack.namespace) or None) if there else None

    def selector(self) -> Json | None:
        """Whom the live Service sends to; None where there is none."""
        there = self.stack.namespace.find("services", SHOP)
        if there and self.variety == "labels":
            return {COLOR: views.live_color(self.stack.namespace)}
        return there["spec"]["selector"] if there else None

    def serving(self) -> set[str]:
        """The revisions of the pods that the live Service selects."""
        there = self.stack.namespace.get("services", SHOP)["spec"]["selector"]
        found = [pod for pod in self.stack.namespace.items("pods", there) if "deletionTimestamp" not in pod["metadata"]]
        return {pod["metadata"]["labels"][REVISION] for pod in found}

    def workload(self, color: str) -> Json | None:
        """The Deployment or ReplicaSet of a color; the newest where one release follows another."""
        kind = "deployments" if self.variety == "deployment" else "replicasets"
        found = [one for one in self.stack.namespace.items(kind, {COLOR: color}) if _whole(one)]
        return max(found, key=lambda one: str(one["metadata"]["creationTimestamp"]), default=None)

    def until_endpoints_follow(self, wanted: set[str]) -> None:
        """Until the EndpointSlices of the live Service name pods of these names' prefixes only."""

        def followed() -> bool:
            found = self.stack.namespace.items("endpointslices", {SERVICE_NAME: SHOP})
            named = {e["targetRef"]["name"] for piece in found for e in piece.get("endpoints") or []}
            return all(any(name.startswith(prefix) for prefix in wanted) for name in named)

        eventually("the endpoints to follow", followed)

    def read_file(self) -> None:
        """What the file says now: the driver edits it too."""
        self.stack.services = yaml.safe_load(self.stack.file.read_text())["config"]["cutover:services"]

    def in_state(self) -> set[str]:
        """The workloads and Services that the stack's state has."""
        rows = [row for row in self.stack.resources() if row["type"].startswith("kubernetes:")]
        found = {(row["type"].rpartition(":")[2], row["outputs"]["metadata"]["name"]) for row in rows}
        return {f"{KINDS[kind]}/{name}" for kind, name in found if kind in KINDS}

    def in_cluster(self) -> set[str]:
        """Those that the cluster has and that carry the stack's identity."""
        return {
            f"{plural}/{one['metadata']['name']}"
            for plural in KINDS.values()
            for one in self.stack.namespace.items(plural)
            if STACK in (one["metadata"].get("annotations") or {}) and _whole(one)
        }
