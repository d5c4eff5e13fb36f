"""Posts a result as JSON to a URL: signed, tried again where it may have been lost, told apart by an id.

The signature is `X-Cutover-Signature: sha256=<hex>`, the HMAC-SHA256 of `<timestamp>.<body>` with the secret in
CUTOVER_NOTIFY_SECRET, where the timestamp is `X-Cutover-Timestamp` (seconds since 1970, of this try, so that a receiver
can refuse what is old). `Idempotency-Key` is the same on every try of one result.
"""

import hashlib
import hmac
import json
import os
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from contract.text import finite
from cutover.errors import UsageError

SECRET_VARIABLE = "CUTOVER_NOTIFY_SECRET"  # noqa: S105 - the name of a variable, not its value
TRIES = 4
TIMEOUT_SECONDS = 5.0
BACKOFF_SECONDS = 0.5  # doubles with each try, give or take half of it
LONGEST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class Delivery:
    """How a notification ended. `said` is the last answer, for people; nothing of the URL's secrets is in it."""

    delivered: bool
    tries: int
    said: str


def check_url(url: str) -> None:
    """Raises UsageError for what is no http or https URL; for before a release begins."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or a bracket that is none
        good = False
    if not good:
        raise UsageError("--notify: not an http or https URL", "give one, such as --notify https://chat.example/hook")


def notify(url: str, result: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> Delivery:
    """Post a result. Never raises for what the network or the receiver does: a release does not fail for it.

    Connection errors, time-outs, 429 and 5xx are tried again, up to four times in all; any other answer is final.
    """
    import httpx2

    body = json.dumps(finite(result), separators=(",", ":"), sort_keys=True).encode()
    key, said = str(uuid.uuid4()), ""
    with httpx2.Client(timeout=TIMEOUT_SECONDS) as client:
        for number in range(1, TRIES + 1):
            pause = min(BACKOFF_SECONDS * 2 ** (number - 1), LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311
            try:
                answer = client.post(url, content=body, headers=_headers(body, key))
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                said = f"{type(error).__name__}: {error}"
            else:
                said = f"HTTP {answer.status_code}"
                if answer.status_code < 300:
                    return Delivery(True, number, said)
                if answer.status_code != 429 and answer.status_code < 500:
                    return Delivery(False, number, said)
                pause = _asked_pause(answer.headers.get("Retry-After"), pause)
            if number < TRIES:
                sleep(pause)
    return Delivery(False, TRIES, said)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the signature header."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _headers(body: bytes, key: str) -> dict[str, str]:
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "cutover",
        "Idempotency-Key": key,
        "X-Cutover-Timestamp": timestamp,
    }
    if secret := os.environ.get(SECRET_VARIABLE):
        headers["X-Cutover-Signature"] = signature(secret, timestamp, body)
    return headers


def _asked_pause(retry_after: str | None, pause: float) -> float:
    """What the receiver asks for, within reason."""
    if retry_after and retry_after.isdigit():
        return min(float(retry_after), LONGEST_PAUSE_SECONDS)
    return pause
