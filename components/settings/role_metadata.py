"""Metadata of pods that depends on whether they serve: labels and annotations by role."""

from pydantic import Field

from components.settings.base import Settings
from components.settings.values import LabelKey, LabelValue, VariableText
from contract.roles import RoleMarks, RoleName


class RoleMetadata(Settings):
    """Labels and annotations of the pods of one role; written without a restart (docs/pods.md#metadata-by-role)."""

    labels: dict[LabelKey, LabelValue] = Field(
        default={}, description="Labels by key: what metrics, logs and NetworkPolicies can choose by."
    )
    annotations: dict[LabelKey, VariableText] = Field(default={}, description="Annotations by key.")


def marks_of(role: RoleName, metadata: RoleMetadata | None) -> RoleMarks:
    """The metadata as it is written."""
    return RoleMarks(role, metadata.labels, metadata.annotations) if metadata else RoleMarks(role, {}, {})
