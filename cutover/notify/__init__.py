"""The channels by which a result is told besides the terminal: one module each, chosen by the URL's prefix.

A channel is a module with `document(result)`, what is posted, and `headers(body)`, its own headers.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from cutover.errors import UsageError
from cutover.notify import signed, slack
from cutover.notify.delivery import Delivery, post


class Channel(Protocol):
    """A channel: how one kind of receiver is told."""

    def document(self, result: Mapping[str, Any], /) -> Mapping[str, Any]:
        """The document that is posted of a result."""

    def headers(self, body: bytes, /) -> Mapping[str, str]:
        """The channel's own headers of one try."""


CHANNELS: Mapping[str, Channel] = {"": signed, "slack": slack}
"""Prefix of the URL, before a plus sign -> the channel."""


def check_urls(urls: Sequence[str]) -> None:
    """Raises UsageError for what is no http or https URL, or of no known channel; for before a release begins."""
    for url in urls:
        channel, address = _split(url)
        try:
            parts = urlsplit(address)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port or a bracket that is none
            good = False
        if not good or channel not in CHANNELS:
            raise UsageError(
                "--notify: not an http or https URL, nor one with the prefix of a channel",
                "give one, such as --notify https://ci.example/hook or --notify slack+https://hooks.chat.example/…",
            )


def notify(url: str, result: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> Delivery:
    """Tell a result. Never raises for what the network or the receiver does: a release does not fail for it."""
    name, address = _split(url)
    channel = CHANNELS[name]
    return post(address, channel.document(result), channel.headers, sleep=sleep)


def _split(url: str) -> tuple[str, str]:
    """`slack+https://x` -> `("slack", "https://x")`."""
    scheme, colon, rest = url.partition(":")
    channel, plus, plain = scheme.rpartition("+")
    return (channel, f"{plain}{colon}{rest}") if plus else ("", url)
