"""The clients of a cell: a prober at an address of the cluster, of the kinds that the sandbox's applications answer."""

from collections.abc import Collection
from urllib.parse import urlsplit

from prober import Prober
from traffic.cells import KINDS

LONGEST_SECONDS = 900.0
TIMEOUT_SECONDS = 2.0  # a client that waits longer has given up


def host_of(url: str) -> str:
    """The address in a URL."""
    return urlsplit(url).hostname or ""


def clients(url: str, rate_per_second: float, kinds: Collection[str] = KINDS, host: str = "") -> Prober:
    """The prober, not yet started. Who asks for it vouches for the address; `host` is asked for there."""
    return Prober(
        url,
        rate_per_second=rate_per_second,
        max_seconds=LONGEST_SECONDS,
        timeout_seconds=TIMEOUT_SECONDS,
        kinds=kinds,
        allowed_hosts=[host_of(url)],
        host=host,
    )
