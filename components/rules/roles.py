"""What bears the metadata of a role: pods, and the pod templates of ReplicaSets. Plain records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bearer:
    """A pod, or a ReplicaSet (`kind` is the plural). `metadata` has the labels and annotations of the pod, or of the
    pod template. `seen`: the controller has taken note of that template, so no pod is born of an earlier one any more.
    """

    kind: str
    name: str
    uid: str
    metadata: Mapping[str, Any]
    seen: bool = True

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels, or those of its pods."""
        found: Mapping[str, str] = self.metadata.get("labels") or {}
        return found
