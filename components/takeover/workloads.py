"""Workloads among manifests: each with the Services that send to its pods, and the release that it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.takeover.defaults import plain, settled
from components.takeover.selectors import matches
from contract.attachment import selects
from contract.images import MOVING, parts_of, version_in

Json = dict[str, Any]
KINDS = ("Deployment", "StatefulSet")
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
BUDGET = "PodDisruptionBudget"
UNPINNED = "unpinned"  # in place of a tag that moves, or of none
_GROUPS = {  # kind -> the API groups of Kubernetes in which it means what it means here
    "Deployment": ("apps", "extensions"),
    "StatefulSet": ("apps",),
    "Service": ("",),
    SCALERS[0]: ("autoscaling",),
    SCALERS[1]: ("keda.sh",),
    BUDGET: ("policy",),
}


@dataclass(frozen=True)
class Workload:
    """A Deployment or StatefulSet, the Services that find its pods, and what else is about it: autoscaler, budget.

    `shared` are Services that find the pods of other workloads too.
    """

    item: Json
    services: list[Json]
    beside: list[Json] = field(default_factory=list)
    shared: list[Json] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name."""
        return name_of(self.item)

    @property
    def stateful(self) -> bool:
        """Whether it is a StatefulSet."""
        return self.item.get("kind") == "StatefulSet"

    @property
    def template(self) -> Json:
        """Its pod template as it takes effect: a volume of the name of a claim of a StatefulSet is that claim."""
        template: Json = self.item["spec"]["template"]
        claims = {one["metadata"]["name"] for one in self.item["spec"].get("volumeClaimTemplates") or ()}
        volumes = template["spec"].get("volumes") or ()
        kept = [one for one in volumes if one["name"] not in claims]
        if len(kept) == len(volumes):
            return template
        spec = {name: value for name, value in template["spec"].items() if name != "volumes"}
        return {**template, "spec": spec | ({"volumes": kept} if kept else {})}

    @property
    def addressed(self) -> list[Json]:
        """The Services of which one may become the service's own, the likeliest first: one with an address before a
        headless one, then the one of the workload's name. Pods and claims of a StatefulSet are called after it, so
        there it is the one of its name. None sends to pods that are not ready.
        """
        ready = [one for one in self.services if not one["spec"].get("publishNotReadyAddresses")]
        if self.stateful:
            return [one for one in ready if name_of(one) == self.name]
        return sorted(ready, key=lambda one: (one["spec"].get("clusterIP") == "None", name_of(one) != self.name))


def workloads(objects: Iterable[Any]) -> Iterator[Workload]:
    """The workloads among objects of any kinds; lists are looked into."""
    every = [_plain(one) for one in known(objects)]
    services = [one for one in every if one["kind"] == "Service"]
    owners = [one for one in every if one["kind"] in KINDS]
    for one in owners:
        sending = [each for each in services if _sends_to(each, one)]
        shared = [each for each in sending if sum(_sends_to(each, other) for other in owners) > 1]
        own = [each for each in sending if each not in shared]
        yield Workload(one, own, [other for other in every if _is_about(other, one)], shared)


def _plain(item: Json) -> Json:
    try:
        return settled(plain(item))
    except (AttributeError, KeyError, TypeError):  # of another form than Kubernetes has: `check_whole` says where
        return item


def known(objects: Iterable[Any]) -> Iterator[Json]:
    """The objects that a workload is, or that may belong to one, each with a name and a `spec`."""
    for item in objects:
        for one in flat(item):
            if is_known(one):
                yield one


def is_known(item: Json) -> bool:
    """Whether it is of a kind and group that a takeover knows, and has a name; one that is no workload needs a `spec`
    too.
    """
    group = str(item.get("apiVersion", "")).rpartition("/")[0]
    kind = str(item.get("kind"))
    named = isinstance(meta := item.get("metadata"), Mapping) and isinstance(meta.get("name"), str)
    ours = kind in _GROUPS and ("apiVersion" not in item or group in _GROUPS[kind])
    return ours and named and (kind in KINDS or isinstance(item.get("spec"), Mapping))


def flat(item: Any) -> Iterator[Json]:
    """The object, or those of a list of objects."""
    if isinstance(item, Mapping) and str(item.get("kind", "")).endswith("List") and isinstance(item.get("items"), list):
        for one in item["items"]:
            yield from flat(one)
    elif isinstance(item, Mapping):
        yield dict(item)


def name_of(item: Json) -> str:
    """The name of an object."""
    return str(item["metadata"]["name"])


def image_of(container: Mapping[str, Any]) -> tuple[str, str]:
    """The image to run and the version that it is, of a container. An image without a tag, or with one that moves, gets
    one that says so: its digest is to be put there.
    """
    image = str(container.get("image", ""))
    path, tag, digest = parts_of(image)
    if not digest and tag in ("", MOVING):
        return f"{path}:{UNPINNED}", UNPINNED
    return image, version_in(image) or UNPINNED


def release_of(one: Workload, place: int) -> tuple[str, str]:
    """The image and the version of the container at that place of a workload's pods."""
    return image_of(one.template["spec"]["containers"][place])


def _is_about(other: Json, workload: Json) -> bool:
    if not _in_one_place(other, workload):
        return False
    if other["kind"] in SCALERS:
        target = other["spec"].get("scaleTargetRef")
        target = target if isinstance(target, Mapping) else {}
        unless_said = workload["kind"] if other["kind"] == SCALERS[0] else "Deployment"
        same = target.get("kind", unless_said) == workload["kind"]
        return bool(same and target.get("name") == workload["metadata"]["name"])
    if other["kind"] == BUDGET:
        selector = other["spec"].get("selector") or {}
        return bool(selector) and matches(selector, _labels(workload))
    return False


def _sends_to(service: Json, workload: Json) -> bool:
    selector = service["spec"].get("selector")
    return isinstance(selector, Mapping) and _in_one_place(service, workload) and selects(selector, _labels(workload))


def _in_one_place(*items: Json) -> bool:
    """Whether they are in one namespace; one that names none is where the others are."""
    return len({item["metadata"].get("namespace") or "" for item in items} - {""}) <= 1


def _labels(workload: Json) -> Any:
    found: Any = workload
    for name in ("spec", "template", "metadata", "labels"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
