"""A Job as far as a gate cares, and the rule that judges it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True)
class JobFacts:
    """One Job. `reason` is the cluster's own for a failure; `annotations` are those of its metadata."""

    name: str
    uid: str
    state: State
    reason: str
    annotations: Mapping[str, str]
