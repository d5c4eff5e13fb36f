"""The instance context: how a service in an environment or behind a front differs from one that stands alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from contract.labels import NAME


@dataclass(frozen=True)
class InstanceContext:
    """The context of one instance of an application.

    Args:
        application: What people call all instances together; None for a service that stands alone.
        labels: They go on every object and pod, and into every selector.
        after: Resources that its workload waits for.
        variables: Environment variables of its pods.
    """

    application: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    after: Sequence[pulumi.Resource] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def described(self) -> dict[str, str]:
        """Labels for objects and pods."""
        return dict(self.labels) | ({NAME: self.application} if self.application else {})


ALONE = InstanceContext()
