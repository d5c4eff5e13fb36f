"""One HTTP GET with a limit on its whole time and size, and what became of it. Shared by probes and queries."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kubeaccess.errors import LoginError

if TYPE_CHECKING:
    import httpx2

MAX_BYTES = 256 * 1024  # a probe that points at a download must not fill the memory


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `status` 0 and a `problem` where none came. `connected` False means nobody was there to ask."""

    status: int
    text: str
    seconds: float
    problem: str = ""
    connected: bool = True

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.text)


class Fetch(Protocol):
    """A request to one path of some server. It never raises for what the network does."""

    def __call__(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """The answer to a GET of this path."""


def fetch_with(client: "httpx2.Client", timeout_seconds: float) -> Fetch:
    """A Fetch over this client, each request limited to `timeout_seconds` in all."""

    def fetch(path: str, params: Mapping[str, str] | None = None) -> Answer:
        return get(client, path, params, timeout_seconds)

    return fetch


def get(client: "httpx2.Client", url: str, params: Mapping[str, str] | None, timeout_seconds: float) -> Answer:
    """GET; the body is cut at 256 KiB. A server that sends a byte now and then is given up like a silent one."""
    import httpx2

    start = time.monotonic()
    body = b""
    try:
        with client.stream("GET", url, params=params, timeout=timeout_seconds) as answer:
            for piece in answer.iter_bytes():
                body += piece
                if time.monotonic() - start > timeout_seconds:
                    return _silent(start, timeout_seconds)
                if len(body) >= MAX_BYTES:
                    break
    except httpx2.ConnectTimeout:
        return Answer(0, "", time.monotonic() - start, f"no connection within {timeout_seconds:g} s", connected=False)
    except httpx2.TimeoutException:
        return _silent(start, timeout_seconds)
    except httpx2.ConnectError as error:
        return Answer(0, "", time.monotonic() - start, f"no connection: {error}", connected=False)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return Answer(0, "", time.monotonic() - start, f"{type(error).__name__}: {error}")
    except LoginError as error:  # of the API server's client: a login that ran out, or whose plugin fails
        return Answer(0, "", time.monotonic() - start, f"no login: {error}", connected=False)
    return Answer(answer.status_code, body[:MAX_BYTES].decode(errors="replace"), time.monotonic() - start)


def _silent(start: float, timeout_seconds: float) -> Answer:
    return Answer(0, "", time.monotonic() - start, f"no answer within {timeout_seconds:g} s")
