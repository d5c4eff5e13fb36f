"""A canary by pod labels: which pods of a color have a share of new connections, and which should. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from components.rules.facts import Endpoint, Pod
from contract.attachment import attached, selects


@dataclass(frozen=True)
class PodShare:
    """All pods of the color that is not active. So many of one revision are `wanted` in the live Service.

    A pod that is attached and not ready keeps its place: it gets no connection until it is well again.
    """

    pods: Collection[Pod]
    revision: Mapping[str, str]  # what selects it
    wanted: int

    @property
    def there(self) -> list[Pod]:
        """The pods that are attached and stay, whatever their revision."""
        return [pod for pod in self.pods if attached(pod.labels) and not pod.terminating]

    @property
    def fitting(self) -> list[Pod]:
        """The pods of the revision."""
        return [pod for pod in self.there if selects(self.revision, pod.labels)]

    @property
    def grows(self) -> bool:
        """Whether pods of the revision lack."""
        return len(self.fitting) < self.wanted

    @property
    def surplus(self) -> list[Pod]:
        """The attached pods beyond the wanted number: strangers first, then those that are not ready."""
        return self._least_wanted(self.there)

    @property
    def to_attach(self) -> list[Pod]:
        """Ready pods of the revision, as many as lack."""
        able = [pod for pod in self.pods if selects(self.revision, pod.labels) and pod.ready and not pod.terminating]
        able = sorted((pod for pod in able if not attached(pod.labels)), key=lambda pod: pod.name)
        return able[: max(0, self.wanted - len(self.fitting))]

    @property
    def to_detach(self) -> list[Pod]:
        """The attached pods of other revisions, and of this one what is beyond the wanted number."""
        strangers = [pod for pod in self.there if not selects(self.revision, pod.labels)]
        return strangers + self._least_wanted(self.fitting)

    def _least_wanted(self, found: Collection[Pod]) -> list[Pod]:
        by_name = sorted(found, key=lambda pod: pod.name, reverse=True)  # the last that was attached goes first
        order = sorted(by_name, key=lambda pod: (selects(self.revision, pod.labels), pod.ready))
        return order[: max(0, len(order) - self.wanted)]

    def why_not_attached(self, endpoints: Collection[Endpoint]) -> str | None:
        """Why the wanted pods do not all get new connections yet; None when they do. `endpoints` are those of the live
        Service.
        """
        if self.grows:
            return f"{len(self.fitting)} of {self.wanted} pods are attached"
        serving = {one.pod for one in endpoints if one.ready}
        missing = sorted(pod.name for pod in self.fitting if pod.name not in serving)
        return f"the live Service does not send to {', '.join(missing)} yet" if missing else None

    def why_not_detached(self, endpoints: Collection[Endpoint]) -> str | None:
        """Why pods of the color that are not attached may still get new connections; None when none do."""
        serving = {one.pod for one in endpoints if one.ready}
        left = sorted(pod.name for pod in self.pods if not attached(pod.labels) and pod.name in serving)
        return f"the live Service still sends to {', '.join(left)}" if left else None
