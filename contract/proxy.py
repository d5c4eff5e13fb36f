"""Errors of the API server's service proxy itself, where it reached no pod: no answers of the application. Pure."""

import json
import re

from contract.text import one_line

_OWN = re.compile(
    r"error trying to reach service|no endpoints available for service|proxy error from|error dialing backend"
)
_PLAIN = re.compile(
    r"\s*Error: '(.*)'\s+Trying to reach: '", re.DOTALL
)  # of API servers before 1.20, and of some proxies


def not_reached(status: int, text: str) -> str | None:
    """The reason for a 500, 502, 503 or 504 of the API server's own; None for an answer of the application.

    Such an answer says nothing about the release: networks of nodes and pods are often closed to the API server.
    """
    if status not in (500, 502, 503, 504):
        return None
    if plain := _PLAIN.match(text):
        return one_line(plain[1])
    try:
        content = json.loads(text)
    except ValueError:
        return None
    message = content.get("message") if isinstance(content, dict) and content.get("kind") == "Status" else None
    return one_line(message) if isinstance(message, str) and _OWN.search(message) else None
