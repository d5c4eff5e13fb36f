"""The user's own check of a release: a command that reads about it and ends with a verdict.

It runs on the machine that runs the program, in the project's folder, without a shell. Its standard input is one JSON
document: `namespace`, `service`, `color`, `address` (of the release's own Service), `release` (`id`, `version`,
`build`, `image`) and `pods` (`name`, `ready`, `image` of each). Its exit code is the verdict: 0 good, 75 not yet
(EX_TEMPFAIL of sysexits.h), anything else refused. What it prints last is shown with a refusal.
"""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from components.cluster.cluster import Cluster
from components.releases.view import ReleaseView
from components.rules.errors import VerifyFailed
from components.settings.verify import VerifyCommand
from contract import checks
from contract.secrets import masked
from contract.text import one_line

NOT_YET = 75
SHOWN_LINES = 3
SHOWN = 300  # characters of what it printed


@dataclass(frozen=True)
class Verify:
    """The command of one service. `address` is the URL of the release's own Service inside the cluster."""

    settings: VerifyCommand
    service: str
    namespace: str
    address: str

    @property
    def says(self) -> str:
        """See Check."""
        return checks.verify(self.settings.command, self.settings.timeout_seconds)

    async def ask(self, cluster: Cluster, target: ReleaseView) -> None:
        """Run the command until it says yes or no, or the time is over. Raises VerifyFailed."""
        settings = self.settings
        end = time.monotonic() + settings.timeout_seconds
        while True:
            code, said = await self._run(await self._document(cluster, target), end - time.monotonic())
            if code == 0:
                return
            left = end - time.monotonic()
            if code != NOT_YET or left <= settings.interval_seconds:
                raise self._failed(target, code, said)
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
                "pods": [{"name": pod.name, "ready": pod.ready, "image": pod.image} for pod in pods],
            }
        ).encode()

    async def _run(self, document: bytes, limit_seconds: float) -> tuple[int | None, str]:
        """The exit code, None where its time was over, and the last of what it printed."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self.settings.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return -1, f"it cannot be started: {error.strerror}"
        try:
            output, _ = await asyncio.wait_for(process.communicate(document), limit_seconds)
            return process.returncode, _last(output.decode(errors="replace").splitlines())
        except TimeoutError:
            return None, ""
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()

    def _failed(self, target: ReleaseView, code: int | None, said: str) -> VerifyFailed:
        name = one_line(self.settings.command[0])
        if code is None:
            verdict = f"was still running after {self.settings.timeout_seconds:g} s"
        elif code == NOT_YET:
            limit_seconds = self.settings.timeout_seconds
            verdict = f"says 'not yet' (exit code {NOT_YET}), and {limit_seconds:g} s do not last for another try,"
        else:
            verdict = f"ended with exit code {code}" if code >= 0 else "did not run"
        return VerifyFailed(
            f"{self.service}: the verify command {name} {verdict} for {target.color} {target.release.id}"
            + (f": {said}" if said else ""),
            "the release is not what its owner accepts under traffic",
            f"run the command yourself on what `cutover status` shows; mend the release, or `verify` of {self.service}",
        )


def _last(lines: Sequence[str]) -> str:
    """The last lines that hold something, without what looks like a secret."""
    kept = [line for line in lines if line.strip()][-SHOWN_LINES:]
    return one_line(masked(" / ".join(kept)), SHOWN)
