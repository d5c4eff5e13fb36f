"""The method of gRPC that the prober calls, and how its answer is judged.

`/responder.Responder/Watch` takes `{"seconds": 2, "nonce": "…"}` and sends messages for so long, at least one; each is
`{"version": …, "hostname": …, "nonce": …, "number": 0, "last": false}`. The nonce must come back in all of them.
"""

import json

from prober.connection import ExchangeError
from prober.request import Reading
from prober.result import FailureClass

METHOD = "/responder.Responder/Watch"


def message(nonce: str, seconds: int) -> bytes:
    """The message of a call."""
    return json.dumps({"seconds": seconds, "nonce": nonce}).encode()


def read(messages: list[bytes], nonce: str) -> Reading:
    """The name of who answered. Raises ExchangeError on an answer that is not whole, or another call's."""
    try:
        found = [json.loads(one) for one in messages]
        if [one["number"] for one in found] != list(range(len(found))) or not found[-1]["last"]:
            raise ExchangeError(FailureClass.WRONG_BODY, f"{len(found)} messages, not all or not the last one")
        if {one["nonce"] for one in found} != {nonce}:
            raise ExchangeError(FailureClass.WRONG_BODY, "the answer belongs to another call")
        return Reading(found[-1]["version"], found[-1]["hostname"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ExchangeError(FailureClass.WRONG_BODY, f"{type(error).__name__}: {error}") from error
