"""The config of a service that resembles what is live, so that its next release does too, and what it cannot hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cutover.adopt.found import Found
from cutover.errors import GateRefused
from cutover.strategies.registry import STRATEGIES
from cutover.strategies.service import RELEASE

Json = dict[str, Any]
_NEW_ONLY = ("service", "services", "autoscaler", "budget")
"""What a service of its own has beside its pods. Here all that is there already, and stays its owner's."""


@dataclass(frozen=True)
class AdoptOptions:
    """The options of `cutover adopt`."""

    strategy: str
    color: str
    image: str
    version: str
    build: int
    readiness: str | None = None


@dataclass(frozen=True)
class Entry:
    """The service's settings, and what of the live pods they do not hold, a line each."""

    settings: Json = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def make_entry(found: Found, asked: AdoptOptions, taken: Callable[[list[Json]], Json]) -> Entry:
    """The entry for the stack's file. `taken` is the program's own taking over of objects (`services`, `lost` and
    `refused`, by name). Raises GateRefused where it cannot hold the pods.
    """
    name = found.service["metadata"]["name"]
    made = taken([_of_kind("Deployment", found.deployment), _of_kind("Service", found.service)])
    if name not in made["services"]:
        reasons = [line for lines in made["refused"].values() for line in lines]
        raise GateRefused("\n".join([f"{name} cannot be adopted; nothing was changed", *reasons]))
    settings = {key: value for key, value in made["services"][name].items() if key not in _NEW_ONLY}
    release = {**settings.pop("release"), "version": asked.version, "build": asked.build}
    release["image"] = asked.image
    release["adopt"] = {"deployment": found.deployment["metadata"]["name"], "selector": found.selector}
    if found.mates:
        release["adopt"]["container"] = found.container["name"]
    first: Json = {"strategy": settings.pop("strategy"), "adopt_service": True}
    lost = list(made["lost"][name])
    two_colors = STRATEGIES[asked.strategy].switches
    if two_colors:
        first = {"strategy": asked.strategy, "active": asked.color, "adopt_service": True}
        if settings.pop("update", None):
            lost.append("strategy Recreate: two releases will run side by side; do not adopt what cannot bear that")
    if asked.readiness:
        probe = settings.get("readiness")
        settings["readiness"] = {**(probe if isinstance(probe, dict) else {}), "path": asked.readiness}
    _labels(settings, found)
    lost += [f"pod label {key}: by it the old Service or budget would find new pods too" for key in found.left]
    return Entry({**first, **settings, asked.color if two_colors else RELEASE: release}, lost)


def _of_kind(kind: str, item: Json) -> Json:
    """The object as a manifest, which says its kind: in an answer about one object it may be missing."""
    return {**item, "kind": kind}


def _labels(settings: Json, found: Found) -> None:
    """The pods' labels: those that new pods may carry before their gates have let them have traffic."""
    if metadata := settings.get("pod", {}).get("metadata"):
        metadata.pop("labels", None)
        if not metadata:
            del settings["pod"]["metadata"]
        if not settings["pod"]:
            del settings["pod"]
    if labels := found.carried:
        settings["pod_labels"] = labels
