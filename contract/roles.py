"""Metadata by role: labels and annotations of pods that say whether they take the traffic. As program and driver both
write it. Pure.

It is written on pods that run, and on the pod template of a ReplicaSet for those that are born later: no pod restarts
for it. A note beside it (ROLE) names its keys, so that what a config has no more is taken off again, from pods too
that were born with it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contract.annotations import ROLE

RoleName = Literal["active", "preview"]
"""`active`: the pods of the release that takes the traffic. `preview`: all other pods of the service."""

_PARTS = ("labels", "annotations")


@dataclass(frozen=True)
class RoleMarks:
    """The labels and annotations of the pods of one role; empty where the config has none for it."""

    role: RoleName
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def note(self) -> str | None:
        """The note of what is written; None where nothing is."""
        if not self.labels and not self.annotations:
            return None
        return json.dumps({"role": self.role, "labels": sorted(self.labels), "annotations": sorted(self.annotations)})

    def change(self, metadata: Mapping[str, Any]) -> dict[str, dict[str, str | None]] | None:
        """The merge patch of the metadata of a pod, or of a pod template; None where it is as it should be."""
        found = {part: metadata.get(part) or {} for part in _PARTS}
        noted = found["annotations"].get(ROLE)
        wanted = {"labels": self.labels, "annotations": {**self.annotations, ROLE: self.note}}
        if noted == self.note and all(
            found[part].get(key) == value for part in _PARTS for key, value in wanted[part].items()
        ):
            return None
        ours = _keys(noted)
        return {part: {**dict.fromkeys(ours[part]), **wanted[part]} for part in _PARTS}


def role_noted(metadata: Mapping[str, Any]) -> str:
    """The role whose metadata a pod has, by its note; empty without one that can be read."""
    said = _read((metadata.get("annotations") or {}).get(ROLE)).get("role")
    return said if isinstance(said, str) else ""


def _keys(noted: str | None) -> dict[str, list[str]]:
    """The keys that a note names. Keys of other writers stay: what cannot be read names none."""
    said = _read(noted)
    listed = {part: said.get(part) for part in _PARTS}
    return {part: [str(key) for key in keys] if isinstance(keys, list) else [] for part, keys in listed.items()}


def _read(noted: object) -> Mapping[str, Any]:
    try:
        said = json.loads(noted) if isinstance(noted, str) else None
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {}
