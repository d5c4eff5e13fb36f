"""A wait for many pods that are replaced in rounds: its limit is the time without progress, however many they are."""

from collections.abc import Awaitable, Callable, Collection

from components.cluster.watch import Watch
from components.rules.facts import Pod

Left = Callable[[], Awaitable[tuple[int, str | None]]]
"""How much is left to do, and why it is not done; None where it is."""


async def until_done(watch: Watch, left: Left, limit_seconds: float, what: str) -> str | None:
    """Wait until it is done. Why it is not, once nothing more got done for the whole limit; None where it is."""
    least, reason = await left()

    async def unmet() -> str | None:
        nonlocal least, reason
        now, reason = await left()
        if now < least:
            least = now
            return None
        return reason

    while reason:
        if over := await watch.until_none(unmet, limit_seconds, what):
            return over
    return None


class Replaced:
    """How far pods are replaced, by those that the first look saw: of a set that starts its pods in turn none goes."""

    def __init__(self) -> None:
        self._first: set[str] | None = None

    def left(self, pods: Collection[Pod], ready: int) -> int:
        """How much is left to do where so many new pods are `ready`; it gets less with each that goes or gets ready."""
        there = {pod.uid for pod in pods}
        self._first = there if self._first is None else self._first
        return len(self._first & there) - ready
