"""The cutover of a front: that of a service, over several backends, each with a drain of its own kind."""

from components.cluster.watch import Watch
from components.drain.front import FrontDrain
from components.releases.backend import Backend
from components.releases.view import ReleaseView
from components.strategies.cutover import Cutover
from components.traffic.front import FrontRouter


class FrontCutover(Cutover):
    """The switches of one front, named as its Service."""

    def __init__(self, watch: Watch) -> None:
        router = FrontRouter(watch)
        super().__init__(watch, router)
        self._backends: dict[str, Backend] = {}
        self._front_drain = FrontDrain(watch, router, self._backends)

    def know(self, backend: Backend) -> None:
        """A backend that the front sends to, or may have left."""
        self._backends[backend.instance] = backend

    async def finish_front(self, target: ReleaseView, *, recycle: bool, see_off: bool = False) -> None:
        """See FrontDrain."""
        await self._front_drain.finish(target, recycle=recycle, see_off=see_off)
