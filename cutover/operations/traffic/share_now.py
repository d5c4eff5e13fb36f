"""What every way back of a canary by pods has, past the engine: who has to answer before it, and its proof after it."""

import time
from typing import TYPE_CHECKING

from cutover.errors import GateRefused, TimedOut
from cutover.observe import look
from cutover.operations.traffic.attach import POLL_SECONDS, VERIFY_SECONDS
from cutover.stackfile import ServiceView, StackView

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus
    from cutover.observe.connection import Api


def answers(service: ServiceView, seen: "ServiceStatus") -> bool:
    """Whether pods of the active color get new connections."""
    return seen.live_color == service.active and bool(seen.canary and seen.canary.active)


def nobody(service: ServiceView) -> GateRefused:
    """The refusal where none does."""
    return GateRefused(f"{service.name}: no pod of {service.active} gets new connections, to take the users back")


def until_taken_back(api: "Api", view: StackView, service: ServiceView, done: str) -> None:
    """Wait until the idle color gets no new connections, by the endpoints; `done` says what was done for that. Raises
    TimedOut, ClusterUnreachable.
    """
    end = time.monotonic() + VERIFY_SECONDS
    while (left := look(api, view)[service.name].canary) and (left.serving or left.unknown):
        if time.monotonic() >= end:
            raise TimedOut(
                f"{service.name}: {VERIFY_SECONDS:g} s after {done}, {left}",
                "`cutover up` settles it, by what the file says",
            )
        time.sleep(POLL_SECONDS)
