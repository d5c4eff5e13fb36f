"""The requests to podinfo, and how version and pod are read from its answers.

GET `/api/info` names both. POST `/echo` names neither, but POST `/headers` answers with the headers of the request as
the handler saw them, podinfo's own `X-Api-Version` among them: so a POST, too, says which version served it (its pod
it does not say). A nonce in the request must come back, so an answer that belongs to another request is caught.
GET `/delay/N` answers after N seconds; `/chunked/N` sends its head at once and its body, in chunks, after N seconds.
Neither names anybody, so they are asked on a connection on which `/api/info` was asked before.
"""

import json
from dataclasses import dataclass

from prober.connection import ExchangeError, Response
from prober.request import NONCE, Reading
from prober.result import FailureClass

_INFO = "/api/info"
_EVENTS = "/events/"


@dataclass(frozen=True, slots=True)
class Request:
    """One request to podinfo."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    nonce: str

    def read(self, response: Response) -> Reading:
        """The name of who answered. Raises ExchangeError on an answer that is not a good one."""
        if not 200 <= response.status < 300:
            raise ExchangeError(FailureClass.STATUS, str(response.status))
        if self.path.startswith(_EVENTS):
            return _read_events(response.body.decode(errors="replace"))
        try:
            document = json.loads(response.body)
            if self.path != _INFO and self.method == "GET":
                return Reading(f"after {int(document['delay'])} s", "")
            if self.method == "GET":
                return Reading(document["version"], document["hostname"])
            if document[NONCE] != [self.nonce] or document["Content-Length"] != [str(len(self.body))]:
                raise ExchangeError(FailureClass.WRONG_BODY, "the answer belongs to another request")
            return Reading(document["X-Api-Version"][0], "")
        except (ValueError, KeyError, TypeError, IndexError) as error:
            shown = response.body[:80]
            raise ExchangeError(FailureClass.WRONG_BODY, f"{type(error).__name__}: {error} in {shown!r}") from error


def get(nonce: str) -> Request:
    """Ask for version and pod."""
    return Request("GET", _INFO, [(NONCE, nonce)], b"", nonce)


def post(nonce: str) -> Request:
    """Post a small document."""
    body = json.dumps({"order": nonce, "items": ["cup", "saucer"]}).encode()
    return Request("POST", "/headers", [(NONCE, nonce), ("Content-Type", "application/json")], body, nonce)


def delayed(nonce: str, seconds: int) -> Request:
    """Ask for an answer that comes after `seconds`."""
    return Request("GET", f"/delay/{seconds}", [(NONCE, nonce)], b"", nonce)


def streamed(nonce: str, seconds: int) -> Request:
    """Ask for an answer that begins at once and ends after `seconds`."""
    return Request("GET", f"/chunked/{seconds}", [(NONCE, nonce)], b"", nonce)


def events(nonce: str, seconds: int) -> Request:
    """Ask for server-sent events for `seconds`, of a server that has them (podinfo has not)."""
    return Request("GET", f"{_EVENTS}{seconds}", [(NONCE, nonce), ("Accept", "text/event-stream")], b"", nonce)


def _read_events(text: str) -> Reading:
    """Events are numbered from 0, none is missing, and the last one is called `end`."""
    ids = [line.removeprefix("id: ") for line in text.splitlines() if line.startswith("id: ")]
    if ids != [str(number) for number in range(len(ids))] or "\nevent: end\n" not in text:
        raise ExchangeError(FailureClass.WRONG_BODY, f"{len(ids)} events, not all or not the last one: {text[-80:]!r}")
    return Reading(f"{len(ids)} events", "")
