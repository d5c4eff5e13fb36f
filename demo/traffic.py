"""Steady traffic to the demo's live Services, one prober each, and the sums over stretches of it."""

import json
import time
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack

from demo.errors import DemoError
from prober import Prober, Result

RATE_PER_SECOND = 200.0  # over all Services together
_POLL_SECONDS = 0.2


def answers(url: str, host: str = "") -> bool:
    """Whether something that speaks podinfo's language answers at `url`, asked for `host`, within two seconds."""
    asked = urllib.request.Request(f"{url}/api/info", headers={"Host": host} if host else {})  # noqa: S310 (always http://)
    try:
        with urllib.request.urlopen(asked, timeout=2) as response:  # noqa: S310
            return "version" in json.load(response)
    except (OSError, ValueError):
        return False


def wait_for_answers(url: str, limit_seconds: float, host: str = "") -> bool:
    """Whether `url` answers within `limit_seconds`: a new Service takes a moment to reach the node's rules."""
    end = time.monotonic() + limit_seconds
    while not answers(url, host):
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_SECONDS)
    return True


class Traffic:
    """Off until `start`, and where it was never started a set of empty sums."""

    def __init__(self) -> None:
        self._probers: dict[str, Prober] = {}
        self._stack = ExitStack()

    @property
    def running(self) -> bool:
        """Whether requests are being sent."""
        return bool(self._probers)

    @property
    def progress(self) -> str:
        """The sums so far, for people."""
        if not self._probers:
            return "no traffic yet"
        now = [prober.progress for prober in self._probers.values()]
        return f"{sum(p.requests for p in now):,} requests, {sum(p.failed for p in now)} failed"

    def start(self, urls: Mapping[str, str]) -> None:
        """Begin to send to every Service, the rate shared equally. `urls` by name of the Service; the caller vouches
        for hosts outside the sandbox's network by giving them.
        """
        for name, url in urls.items():
            host = url.removeprefix("http://").rsplit(":", 1)[0]
            prober = Prober(url, rate_per_second=RATE_PER_SECOND / len(urls), allowed_hosts=[host])
            self._probers[name] = self._stack.enter_context(prober)

    def mark(self, name: str) -> None:
        """Name this moment in every account."""
        for prober in self._probers.values():
            prober.mark(name)

    def stop(self) -> dict[str, Result]:
        """The accounts by name of the Service."""
        return {name: prober.stop() for name, prober in self._probers.items()}

    def close(self) -> None:
        """End the processes in any case."""
        self._stack.close()


def check_rate(results: Mapping[str, Result]) -> None:
    """Raises DemoError if far fewer requests were sent than due: then the figures say nothing."""
    for name, result in results.items():
        due = result.rate_per_second * result.seconds
        if result.requests < 0.9 * due:
            raise DemoError(
                f"traffic to {name}: {result.requests} requests in {result.seconds:.0f} s, {due:.0f} were due. The "
                "machine is too busy to tell a dropped request from one never sent; close something and try again."
            )
