"""The proof by traffic: a release that served before is not asked again whether it answers rightly (docs/adr/0016)."""

from collections.abc import Sequence

from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.facts import LiveService
from components.rules.served import mark, with_served
from components.traffic.router import Router, sent_there
from contract.annotations import SERVED
from contract.served import read_served


class ServedBefore:
    """The releases that took the traffic of a service and were carried through, as a note on its live Service."""

    def __init__(self, watch: Watch, router: Router) -> None:
        self._watch, self._router = watch, router

    async def proof(self, target: ReleaseView) -> str | None:
        """Why the target need not be asked whether it answers rightly; None where it has to be. A check that was
        written for the release after it would refuse the way back, or leave a rollback that was made at once without
        its end.
        """
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None:
            return None
        if await sent_there(self._router, live, target):
            return "it takes the traffic already"
        return "it served before" if self._mark(target) in read_served(live.annotations) else None

    async def note(self, target: ReleaseView, live: LiveService) -> None:
        """Once a release takes the traffic and only it: it is a way back from then on. Raises Moved."""
        one, marks = self._mark(target), read_served(live.annotations)
        if marks[-1:] != (one,):
            await self._router.notes.note(target, SERVED, with_served(marks, one))

    def left(self, live: LiveService, old: ReleaseView | None, kept: Sequence[ReleaseView]) -> list[ReleaseView]:
        """The releases that may hold connections after a switch: the other color's, and a kept one that was the last to
        serve before it.
        """
        last = read_served(live.annotations)[-1:]
        return [*([old] if old else []), *(one for one in kept if (self._mark(one),) == last)]

    def _mark(self, target: ReleaseView) -> str:
        return mark_of(target, self._router.place(target))


def mark_of(view: ReleaseView, place: str = "") -> str:
    """The mark of a release. Of secrets their keys count: a value never leaves its Secret."""
    release = view.release
    own = {
        "env": dict(release.env),
        "config": dict(release.config),
        "files": dict(release.config_files),
        "secrets": {name: source if isinstance(source, str) else "" for name, source in release.secrets.items()},
    }
    return mark(place, release.id, release.image, own)
