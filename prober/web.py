"""The request to any application: a GET of the URL's own path; every status below 400 is a good answer.

A redirect counts as one and is not followed. The version is read from the first of VERSION_HEADERS that the answer
has, else from a small JSON body `{"version": …}`, else it is not known.
"""

import json
from dataclasses import dataclass

from prober.connection import ExchangeError, Response
from prober.request import NONCE, Reading
from prober.result import FailureClass

VERSION_HEADERS = ("x-api-version", "x-app-version", "x-version")
_READ_CHARACTERS = 64 * 1024  # of a body that is looked at for a version
_LONGEST = 64  # of a version, in characters


@dataclass(frozen=True, slots=True)
class Get:
    """A GET as a user's client sends it."""

    path: str
    headers: list[tuple[str, str]]
    method: str = "GET"
    body: bytes = b""

    def read(self, response: Response) -> Reading:
        """The name of who answered. Raises ExchangeError on a status of 400 or above."""
        if response.status >= 400:
            raise ExchangeError(FailureClass.STATUS, str(response.status))
        return Reading(_version(response)[:_LONGEST], "")


def get(path: str, nonce: str) -> Get:
    """Ask for the path and query `path`, past caches on the way."""
    return Get(path, [("Accept", "*/*"), ("Cache-Control", "no-cache"), (NONCE, nonce)])


def _version(response: Response) -> str:
    for name in VERSION_HEADERS:
        if said := response.headers.get(name):
            return said
    if not response.body.lstrip().startswith(b"{") or len(response.body) > _READ_CHARACTERS:
        return ""
    try:
        said = json.loads(response.body).get("version")
    except ValueError:
        return ""
    return str(said) if isinstance(said, str | int | float) else ""
