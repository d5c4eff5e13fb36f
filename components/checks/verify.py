"""The user's own check of a release: a command that reads about it and ends with a verdict.

It runs on the machine that runs the program, in the project's folder, without a shell. Its standard input is one JSON
document: `namespace`, `service`, `color`, `address` (of the release's own Service), `release` (`id`, `version`,
`build`, `image`) and `pods` (`name`, `color`, `ready`, `image`, `ip` of each). After a step of a canary there are
`shares` too, the percentage of each color. Its exit code is the verdict: 0 good, 75 not yet (EX_TEMPFAIL of
sysexits.h), anything else refused. What it prints last is shown with a refusal.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.checks.command import Said, run
from components.checks.registry import Subject
from components.cluster.cluster import Cluster
from components.releases.view import ReleaseView
from components.rules.errors import SwitchNotFollowed, VerifyFailed
from components.settings.release_checks import VerifyCommand
from contract import checks
from contract.labels import COLOR
from contract.text import one_line

NOT_YET = 75


@dataclass(frozen=True)
class Verify:
    """The command of one service before a switch. `address` is the URL of the release's own Service inside the
    cluster; `selector` finds its pods, unless that of the release does.
    """

    settings: VerifyCommand
    service: str
    namespace: str
    address: str
    selector: Mapping[str, str] | None = None

    @property
    def says(self) -> str:
        """See Check."""
        return checks.describe("verify", dict(self.settings))

    async def ask(self, cluster: Cluster, target: ReleaseView) -> None:
        """Run the command until it says yes or no, or the time is over. Raises VerifyFailed, or SwitchNotFollowed
        after a switch.
        """
        if said := await self._no(lambda: self._document(cluster, target)):
            raise self._failed(target, said)

    async def _no(self, document: Callable[[], Awaitable[dict[str, Any]]]) -> Said | None:
        """What the command said that is no yes; it reads a new document each time."""
        settings = self.settings
        end = time.monotonic() + settings.timeout_seconds
        while True:
            said = await run(settings.command, json.dumps(await document()).encode(), end - time.monotonic())
            if said.code == 0:
                return None
            left = end - time.monotonic()
            if said.code != NOT_YET or left <= settings.interval_seconds:
                return said
            await asyncio.sleep(settings.interval_seconds)

    async def _document(self, cluster: Cluster, target: ReleaseView) -> dict[str, Any]:
        release = target.release
        return {
            "namespace": self.namespace,
            "service": self.service,
            "color": target.color,
            "address": self.address,
            "release": {
                "id": release.id,
                "version": release.version,
                "build": release.build,
                "image": release.image,
            },
            "pods": await self._pods(cluster, target),
        }

    async def _pods(self, cluster: Cluster, view: ReleaseView) -> list[dict[str, Any]]:
        return [
            {
                "name": pod.name,
                "color": pod.labels.get(COLOR, view.color),
                "ready": pod.ready,
                "image": pod.image,
                "ip": pod.ip,
            }
            for pod in await cluster.pods(self.selector or view.selector)
            if not pod.terminating
        ]

    def _failed(self, target: ReleaseView, said: Said) -> VerifyFailed | SwitchNotFollowed:
        return VerifyFailed(
            f"{self.service}: the verify command {self._verdict(said)} for {target.color} {target.release.id}"
            + (f": {said.last}" if said.last else ""),
            "the release is not what its owner accepts under traffic",
            f"run the command yourself on what `cutover status` shows; mend the release, or `verify` of {self.service}",
        )

    def _verdict(self, said: Said) -> str:
        name, limit_seconds = one_line(self.settings.command[0]), self.settings.timeout_seconds
        if said.code is None:
            return f"{name} was still running after {limit_seconds:g} s"
        if said.code == NOT_YET:
            return f"{name} says 'not yet' (exit code {NOT_YET}), and {limit_seconds:g} s do not last for another try,"
        return f"{name} ended with exit code {said.code}" if said.code >= 0 else f"{name} did not run"


def check_of(settings: VerifyCommand, subject: Subject) -> Verify:
    """See Maker."""
    return Verify(settings, subject.service, subject.namespace, subject.address)


class VerifyAfter(Verify):
    """The command of one service after a switch or a step of a canary, before anything of the old release is drained.
    `address` is the URL of the live Service inside the cluster, `selector` what that selects where labels of pods move.
    """

    @property
    def says(self) -> str:
        """See Check."""
        return checks.describe("verify_after", dict(self.settings))

    async def ask_shares(self, cluster: Cluster, shares: Sequence[tuple[ReleaseView, int]]) -> None:
        """The same after a step: each color has so many percent of the requests. The document is of the last one that
        has a share; its `pods` are those of each color that has one. Raises SwitchNotFollowed.
        """
        serving = [view for view, share in shares if share]

        async def document() -> dict[str, Any]:
            pods = [pod for view in serving for pod in await self._pods(cluster, view)]
            percent = {view.color: share for view, share in shares}
            return await self._document(cluster, serving[-1]) | {"pods": pods, "shares": percent}

        if said := await self._no(document):
            raise SwitchNotFollowed(
                self._what(said, "to " + ", ".join(f"{view.color} {share} %" for view, share in shares)),
                "users may still get the shares of before, or meet nobody; no pod is stopped",
                "see what the command waits for, then `pulumi up`, which asks it again and goes on; or set `canary` "
                "back",
            )

    def _what(self, said: Said, switched: str) -> str:
        verdict = f"{self.service}: the verify_after command {self._verdict(said)} after the switch {switched}"
        return verdict + (f": {said.last}" if said.last else "")

    def _failed(self, target: ReleaseView, said: Said) -> SwitchNotFollowed:
        return SwitchNotFollowed(
            self._what(said, f"to {target.color} {target.release.id}"),
            "who still sends to the old pods would meet nobody once they are stopped",
            "see what the command waits for, then `pulumi up`, which asks it again and goes on; or set `active` back",
        )
