"""A backend of a front, as a record."""

from dataclasses import dataclass

from components.releases.view import ReleaseView
from components.rules.facts import Workload
from contract.labels import INSTANCE


@dataclass(frozen=True)
class Backend:
    """A target of a front: its pods as gates see them (`color` is its key), and the workload they are of.

    `service` is its own, which never sends elsewhere; `kind` is `deployments` or `replicasets`; `patience_seconds` is
    how long the next pod may take to be replaced.
    """

    view: ReleaseView
    service: str
    kind: str
    workload: str
    patience_seconds: float

    @property
    def instance(self) -> str:
        """The instance label of its pods."""
        return self.view.selector[INSTANCE]

    @property
    def left(self) -> Workload:
        """Its workload, as what has to leave its connections."""
        view = self.view
        return Workload(
            self.kind, self.workload, view.selector, view.replicas, view.stop_seconds, self.patience_seconds
        )
