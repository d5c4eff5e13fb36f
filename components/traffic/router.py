"""The protocol of a router: it knows where the traffic of a service goes, has it moved, and proves the move."""

from collections.abc import Collection, Mapping
from typing import Protocol

from components.releases.view import ReleaseView
from components.rules.facts import LiveService, Pod
from components.traffic.notes import LiveNotes


class Router(Protocol):
    """The router of one service, which sends its traffic to one of its releases.

    The engine writes the live Service; a router does what is to be done right before and right after that. All that it
    says is read from the cluster at that moment.
    """

    notes: LiveNotes
    """The notes on the live Service."""

    def selector(self, target: ReleaseView) -> Mapping[str, str]:
        """The selector that the live Service shall have while the target serves."""

    def fits(self, live: LiveService, target: ReleaseView) -> bool:
        """Whether the live Service itself is as it may be while the target serves."""

    def place(self, target: ReleaseView) -> str:
        """The place where a release serves, if one release may serve in several; else empty."""

    async def serves(self, live: LiveService, target: ReleaseView) -> bool:
        """Whether the target, and nothing else, takes the traffic."""

    async def unsettled(self, target: ReleaseView) -> str | None:
        """The reason why the traffic does not go wholly to the target although the live Service selects it; None where
        it does.
        """

    async def leave(self, target: ReleaseView) -> None:
        """The step before the move: a note on the live Service that the release that serves is about to be left."""

    async def prepare(self, target: ReleaseView) -> None:
        """The step right before the engine writes the live Service. Raises SwitchUnverified."""

    async def moved(self, target: ReleaseView) -> None:
        """The proof right after: the traffic goes to the target and to nothing else. Raises SwitchUnverified, Moved."""

    async def still_answers(self, target: ReleaseView) -> None:
        """The proof before each later step that stops pods of others or calls the switch complete: the traffic still
        goes to the target, and finds a ready pod. Raises Moved, SwitchUnverified.
        """

    def served_before(self, pods: Collection[Pod], live: LiveService) -> list[Pod]:
        """The pods that may still hold connections from when they took the traffic."""


async def sent_there(router: Router, live: LiveService, target: ReleaseView) -> bool:
    """Whether the target takes the traffic by a switch of ours: a Service that was moved by hand keeps the note of the
    release before.
    """
    return router.notes.completed(live, target) and await router.serves(live, target)
