"""A Job as far as a gate cares, and the rule that judges it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

DIGEST = "cutover.dev/digest"  # on a Job: what it does, as the settings may have changed since it was registered

State = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True)
class JobFacts:
    """One Job. `reason` is the cluster's own for a failure; `annotations` are those of its metadata."""

    name: str
    uid: str
    state: State
    reason: str
    annotations: Mapping[str, str]
