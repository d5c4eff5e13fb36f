"""The protocol of a check."""

from typing import Protocol

from components.cluster.cluster import Cluster
from components.releases.view import ReleaseView


class Check(Protocol):
    """One question about a release that is to take the traffic. It asks, and changes nothing."""

    @property
    def says(self) -> str:
        """The question in a few words, for plans and progress."""

    async def ask(self, cluster: Cluster, target: ReleaseView) -> None:
        """Wait for a yes within the check's own time. Raises GateRefused with the reason."""
