"""The HTTP smoke check of a release: ask its own color's Service before the live Service may move to it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from components.checks.registry import Subject
from components.cluster.cluster import Cluster
from components.releases.view import ReleaseView
from components.rules.errors import SmokeFailed
from components.settings import SmokeCheck
from contract import checks
from contract.proxy import not_reached
from contract.text import one_line, quoted

SHOWN = 200  # characters of a body
_OWN_SERVICE = "look at the release through its own Service"

Get = Callable[[str, float], Awaitable[tuple[int, str]]]
"""A GET of a path within a time in seconds: HTTP status (0: no answer) and body."""


@dataclass(frozen=True)
class Smoke:
    """A smoke check against one color's Service, through the API server's service proxy; with `get`, against what that
    asks, and `look` says how people see what was wrong.

    Passed when `successes` answers in a row are as expected; failed when that did not come about in `timeout_seconds`.
    """

    settings: SmokeCheck
    service: str
    get: Get | None = None
    look: str = _OWN_SERVICE

    @property
    def says(self) -> str:
        """See Check."""
        return checks.describe("smoke", dict(self.settings))

    async def ask(self, cluster: Cluster, target: ReleaseView) -> None:
        """Raises SmokeFailed with the last wrong answer."""
        settings, release = self.settings, target.release
        body = settings.body_for(release)
        passed, wrong, asked, reached = 0, "it was never asked", False, True
        end = time.monotonic() + settings.timeout_seconds
        while (left := end - time.monotonic()) > 0:
            limit_seconds = min(settings.request_timeout_seconds, left)
            status, text = await self._get(cluster, limit_seconds)
            reason = why_wrong(status, text, settings.expect_status, body)
            passed = 0 if reason else passed + 1
            if passed >= settings.successes:
                return
            if status or limit_seconds == settings.request_timeout_seconds or not asked:  # not what our own end cut off
                wrong = reason or wrong
                reached = not not_reached(status, text)
            asked = True
            await asyncio.sleep(settings.interval_seconds)
        what = f"{self.service}: GET {settings.path} failed its smoke check for {settings.timeout_seconds:g} s: {wrong}"
        if not reached:
            raise SmokeFailed(
                what,
                f"what users of release {release.id} would get is not known: the API server, which asks in our place, "
                "reached none of its pods",
                "open the network from the API server to the pods, or check with a `smoke_job`, which runs beside them",
            )
        raise SmokeFailed(
            what,
            f"users of release {release.id} would get that answer",
            f"{self.look}; mend it, or the service's `smoke` settings",
        )

    async def _get(self, cluster: Cluster, limit_seconds: float) -> tuple[int, str]:
        if self.get:
            return await self.get(self.settings.path, limit_seconds)
        return await cluster.get_through_service(self.service, self.settings.path, limit_seconds)


def check_of(settings: SmokeCheck, subject: Subject) -> Smoke:
    """See Maker."""
    return Smoke(settings, subject.own)


def why_wrong(status: int, text: str, expect_status: int, expect_body: str | None) -> str | None:
    """Why an answer is not the expected one; None when it is. Status 0 means that no answer came."""
    if status == 0:
        return one_line(text)
    if said := not_reached(status, text):
        return f"the API server reaches no pod: HTTP {status}, {said}"
    shown = quoted(text, SHOWN)
    if status != expect_status:
        return f"HTTP {status} instead of {expect_status}: {shown}"
    if expect_body is not None and expect_body not in text:
        return f"the body lacks {quoted(expect_body, SHOWN)}: {shown}"
    return None
