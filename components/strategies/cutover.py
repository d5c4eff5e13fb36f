"""The cutover of one service: a switch between its colors, and the drain of the one that was left."""

from components.checks.live_edit import LiveEdit
from components.cluster.watch import Watch
from components.drain.drain import Drain
from components.strategies.switch import Switch
from components.traffic.router import Router


class Cutover(Switch):
    """The cutovers of one service."""

    def __init__(self, watch: Watch, router: Router) -> None:
        super().__init__(watch, router)
        drain = Drain(watch, router, self._capacity)
        self.live_edit = LiveEdit(watch, router)
        """Whether an edit touches what serves."""
        self.note_refusal = router.notes.note_refusal
        self.forget_refusal = router.notes.forget_before
        self.finish = drain.finish
        self.recycle_left = drain.recycle_left
        self.until_stopped = drain.until_stopped
