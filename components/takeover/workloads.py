"""Workloads among manifests: each Deployment with the Services that send to its pods, and the release that it is."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
UNPINNED = "unpinned"  # in place of a tag that moves, or of none
_TAG = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Workload:
    """A Deployment, and the Services that find its pods."""

    deployment: Json
    services: list[Json]

    @property
    def name(self) -> str:
        """The name of the Deployment."""
        return str(self.deployment["metadata"]["name"])


def workloads(objects: Iterable[Any]) -> Iterator[Workload]:
    """The workloads among objects of any kinds; lists are looked into."""
    every = [one for item in objects for one in _flat(item)]
    services = [one for one in every if one.get("kind") == "Service"]
    for one in every:
        if one.get("kind") == "Deployment":
            yield Workload(one, [service for service in services if _sends_to(service, one)])


def image_of(container: Mapping[str, Any]) -> tuple[str, str]:
    """The image to run and the version that it is, of a container. An image without a tag, or with one that moves, gets
    one that says so: its digest is to be put there.
    """
    image = str(container.get("image", ""))
    plain, _, digest = image.partition("@")
    path, colon, tag = plain.rpartition(":")
    if not colon or "/" in tag:
        path, tag = plain, ""
    if not digest and tag in ("", "latest"):
        return f"{path}:{UNPINNED}", UNPINNED
    return image, tag if _TAG.fullmatch(tag) else UNPINNED


def _flat(item: Any) -> Iterator[Json]:
    if isinstance(item, Mapping) and str(item.get("kind", "")).endswith("List"):
        for one in item.get("items") or []:
            yield from _flat(one)
    elif isinstance(item, Mapping):
        yield dict(item)


def _sends_to(service: Json, deployment: Json) -> bool:
    selector = service["spec"].get("selector") or {}
    labels = deployment["spec"]["template"].get("metadata", {}).get("labels") or {}
    places = {one["metadata"].get("namespace", "") for one in (service, deployment)}
    return bool(selector) and len(places) == 1 and selector.items() <= labels.items()
