"""The user's own check of a release: a command that reads about it and ends with a verdict.

It runs on the machine that runs the program, in the project's folder, without a shell. Its standard input is one JSON
document: `namespace`, `service`, `color`, `address` (of the release's own Service), `release` (`id`, `version`,
`build`, `image`) and `pods` (`name`, `ready`, `image`, `ip` of each). Its exit code is the verdict: 0 good, 75 not yet
(EX_TEMPFAIL of sysexits.h), anything else refused. What it prints last is shown with a refusal.
"""

import asyncio
import json
import time
from dataclasses import dataclass

from components.checks.command import Said, run
from components.checks.registry import Subject
from components.cluster.cluster import Cluster
from components.releases.view import ReleaseView
from components.rules.errors import SwitchNotFollowed, VerifyFailed
from components.settings.release_checks import VerifyCommand
from contract import checks
from contract.text import one_line

NOT_YET = 75


@dataclass(frozen=True)
class Verify:
    """The command of one service before a switch. `address` is the URL of the release's own Service inside the
    cluster.
    """

    settings: VerifyCommand
    service: str
    namespace: str
    address: str

    @property
    def says(self) -> str:
        """See Check."""
        return checks.describe("verify", dict(self.settings))

    async def ask(self, cluster: Cluster, target: ReleaseView) -> None:
        """Run the command until it says yes or no, or the time is over. Raises VerifyFailed, or SwitchNotFollowed
        after a switch.
        """
        settings = self.settings
        end = time.monotonic() + settings.timeout_seconds
        while True:
            said = await run(settings.command, await self._document(cluster, target), end - time.monotonic())
            if said.code == 0:
                return
            left = end - time.monotonic()
            if said.code != NOT_YET or left <= settings.interval_seconds:
                raise self._failed(target, said)
            await asyncio.sleep(settings.interval_seconds)

    async def _document(self, cluster: Cluster, target: ReleaseView) -> bytes:
        pods = [pod for pod in await cluster.pods(target.selector) if not pod.terminating]
        release = target.release
        return json.dumps(
            {
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
                "pods": [{"name": pod.name, "ready": pod.ready, "image": pod.image, "ip": pod.ip} for pod in pods],
            }
        ).encode()

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
    """The command of one service after a switch, before anything of the old release is drained. `address` is the URL
    of the live Service inside the cluster.
    """

    @property
    def says(self) -> str:
        """See Check."""
        return checks.describe("verify_after", dict(self.settings))

    def _failed(self, target: ReleaseView, said: Said) -> SwitchNotFollowed:
        return SwitchNotFollowed(
            f"{self.service}: the verify_after command {self._verdict(said)} after the switch to {target.color} "
            f"{target.release.id}" + (f": {said.last}" if said.last else ""),
            "who still sends to the old pods would meet nobody once they are stopped",
            "see what the command waits for, then `pulumi up`, which asks it again and goes on; or set `active` back",
        )
