"""Where one service stands among others side by side, and what a front may send to. Makes no resources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from contract.labels import NAME


@dataclass(frozen=True)
class InstanceContext:
    """How a service that stands beside others of its kind differs from one that stands alone.

    `application` is what people call all of them together; `labels` go on every object and pod, and into every
    selector; its workload waits for `after`; its pods get `variables`.
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
