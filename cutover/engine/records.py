"""The engine's steps, outcomes and updates as plain records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from contract.paths import all_of

Moment = Literal["begins", "done", "failed", "says", "warns", "errs"]

SERVICE = "kubernetes:core/v1:Service"
WORKLOADS = ("Deployment", "ReplicaSet", "StatefulSet")  # kinds
_FRONTS = ("cutover:index:SideBySide", "cutover:index:Environments")  # components over components, and fronts
QUIET_OPS = ("same", "read", "refresh", "discard", "discard-replaced", "remove-pending-replace")


@dataclass(frozen=True)
class Step:
    """One moment of a run: a resource's step that begins or ends, or a line that the program or the engine says.

    `parent` is the URN of the component that the resource is of; `old` and `new` are its inputs before and after, where
    the step has them.
    """

    moment: Moment
    op: str = ""
    type: str = ""
    urn: str = ""
    text: str = ""
    planned: bool = False
    old: Mapping[str, Any] | None = field(default=None, repr=False)
    new: Mapping[str, Any] | None = field(default=None, repr=False)
    diffs: tuple[str, ...] = ()
    parent: str = ""

    @property
    def service(self) -> str:
        """The service that the resource is of: the name of the component above it. A front's Service is its own, and
        what is said, a component says of itself.
        """
        component, _, name = self.parent.rpartition("::")
        return self.name if not name or component.endswith(_FRONTS) else name

    @property
    def name(self) -> str:
        """The resource's name in the stack."""
        return self.urn.rpartition("::")[2]

    @property
    def kind(self) -> str:
        """`Deployment`, `Service`, …"""
        return self.type.rpartition(":")[2]

    @property
    def changes(self) -> bool:
        """Whether the step changes an object."""
        return self.op not in QUIET_OPS and self.type.startswith("kubernetes:")


@dataclass(frozen=True)
class Held:
    """An object of the cluster that a stack's state holds."""

    urn: str
    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def called(self) -> str:
        """The object's name as kubectl writes it."""
        return f"{self.kind.lower()}/{self.name}"

    @property
    def path(self) -> str:
        """Where the API server has it."""
        return f"{all_of(self.api_version, self.kind, self.namespace)}/{self.name}"


@dataclass(frozen=True)
class Outcome:
    """A run that went well. `changes`: how many resources per operation (`create`, `update`, `same`, …)."""

    changes: Mapping[str, int]
    steps: tuple[Step, ...]

    @property
    def changed(self) -> bool:
        """Whether any object was, or in a preview would be, changed."""
        return any(step.changes for step in self.steps)


@dataclass(frozen=True)
class Update:
    """One entry of the stack's history. `number` counts from 1, the oldest; `started` and `ended` are
    in UTC, of whole seconds. `services`, `groups` and `environments` are those of its config.
    """

    number: int
    kind: str
    result: str
    started: datetime
    ended: datetime | None
    message: str
    environment: Mapping[str, str]
    services: Mapping[str, Any] = field(repr=False)
    groups: Mapping[str, Any] = field(repr=False)
    changes: Mapping[str, int]
    environments: Mapping[str, Any] = field(default_factory=dict, repr=False)
