"""The cutover of a front: a switch between several backends, each with a drain of its own kind."""

from components.cluster.watch import Watch
from components.drain.front import FrontDrain
from components.releases.backend import Backend
from components.strategies.switch import Switch
from components.traffic.front import FrontRouter


class FrontCutover(Switch):
    """The switches of one front, named as its Service."""

    def __init__(self, watch: Watch) -> None:
        router = FrontRouter(watch)
        super().__init__(watch, router)
        self._backends: dict[str, Backend] = {}
        self.finish = FrontDrain(watch, router, self._backends).finish

    def know(self, backend: Backend) -> None:
        """Remember a backend that the front sends to now, or sent to before."""
        self._backends[backend.instance] = backend
