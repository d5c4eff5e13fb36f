"""One POST of a JSON document: tried again where it may have been lost, told apart by an id."""

import json
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contract.text import finite

TRIES = 4
TIMEOUT_SECONDS = 5.0
BACKOFF_SECONDS = 0.5  # doubles with each try, give or take half of it
LONGEST_PAUSE_SECONDS = 10.0

_ALWAYS = {"Content-Type": "application/json", "User-Agent": "cutover"}


@dataclass(frozen=True)
class Delivery:
    """The end of a notification. `said` is the last answer, for people; nothing of the URL's secrets is in it."""

    delivered: bool
    tries: int
    said: str


def post(
    url: str,
    document: Mapping[str, Any],
    headers: Callable[[bytes], Mapping[str, str]] = lambda _: {},
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Delivery:
    """Post a document. `headers` are made for each try, from the body; `Idempotency-Key` is the same on every try.
    Never raises for what the network or the receiver does.

    Connection errors, time-outs, 429 and 5xx are tried again, up to four times in all; any other answer is final.
    """
    import httpx2

    body = json.dumps(finite(document), separators=(",", ":"), sort_keys=True).encode()
    key, said = str(uuid.uuid4()), ""
    with httpx2.Client(timeout=TIMEOUT_SECONDS) as client:
        for number in range(1, TRIES + 1):
            pause = min(BACKOFF_SECONDS * 2 ** (number - 1), LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311
            try:
                answer = client.post(url, content=body, headers={**_ALWAYS, "Idempotency-Key": key, **headers(body)})
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


def _asked_pause(retry_after: str | None, pause: float) -> float:
    """What the receiver asks for, within reason."""
    if retry_after and retry_after.isdigit():
        return min(float(retry_after), LONGEST_PAUSE_SECONDS)
    return pause
