"""Workloads among manifests: each with the Services that send to its pods, and the release that it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.takeover.defaults import plain
from contract.images import MOVING, parts_of, version_in

Json = dict[str, Any]
KINDS = ("Deployment", "StatefulSet")
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
UNPINNED = "unpinned"  # in place of a tag that moves, or of none


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet, the Services that find its pods, and what else is about it: autoscaler, budget."""

    item: Json
    services: list[Json]
    beside: list[Json] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.item["metadata"]["name"])

    @property
    def stateful(self) -> bool:
        """Whether it is a StatefulSet."""
        return self.item.get("kind") == "StatefulSet"

    @property
    def addressed(self) -> list[Json]:
        """The Services of which one may become the service's own. Pods and claims of a StatefulSet are called after it,
        so there it is the one of its name, unless that sends to pods that are not ready.
        """
        if not self.stateful:
            return self.services
        own = [one for one in self.services if one["metadata"]["name"] == self.name]
        return [one for one in own if not one["spec"].get("publishNotReadyAddresses")]


def workloads(objects: Iterable[Any]) -> Iterator[Workload]:
    """The workloads among objects of any kinds; lists are looked into."""
    every = [plain(one) for item in objects for one in _flat(item)]
    services = [one for one in every if one.get("kind") == "Service"]
    for one in every:
        if one.get("kind") in KINDS:
            own = [service for service in services if _sends_to(service, one)]
            yield Workload(one, own, [other for other in every if _is_about(other, one)])


def image_of(container: Mapping[str, Any]) -> tuple[str, str]:
    """The image to run and the version that it is, of a container. An image without a tag, or with one that moves, gets
    one that says so: its digest is to be put there.
    """
    image = str(container.get("image", ""))
    path, tag, digest = parts_of(image)
    if not digest and tag in ("", MOVING):
        return f"{path}:{UNPINNED}", UNPINNED
    return image, version_in(image) or UNPINNED


def _flat(item: Any) -> Iterator[Json]:
    if isinstance(item, Mapping) and str(item.get("kind", "")).endswith("List"):
        for one in item.get("items") or []:
            yield from _flat(one)
    elif isinstance(item, Mapping):
        yield dict(item)


def _is_about(other: Json, workload: Json) -> bool:
    spec = other.get("spec") or {}
    if other.get("kind") in SCALERS:
        target = spec.get("scaleTargetRef") or {}
        unless_said = workload["kind"] if other["kind"] == SCALERS[0] else "Deployment"
        same = target.get("kind", unless_said) == workload["kind"]
        return bool(same and target.get("name") == workload["metadata"]["name"])
    if other.get("kind") == "PodDisruptionBudget":
        wanted = (spec.get("selector") or {}).get("matchLabels") or {}
        labels = workload["spec"]["template"].get("metadata", {}).get("labels") or {}
        return bool(wanted) and wanted.items() <= labels.items()
    return False


def _sends_to(service: Json, workload: Json) -> bool:
    selector = service["spec"].get("selector") or {}
    labels = workload["spec"]["template"].get("metadata", {}).get("labels") or {}
    places = {one["metadata"].get("namespace", "") for one in (service, workload)}
    return bool(selector) and len(places) == 1 and selector.items() <= labels.items()
