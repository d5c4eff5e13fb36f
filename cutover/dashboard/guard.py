"""The guard of the page: whoever knows the token in its address may read, from this machine. Nobody else finds
anything.

A page of another site could send requests to a port of this machine. It does not know the token; a name that it has
made point here is no name of loopback; and it can read no answer, nor show it in a frame.
"""

import re
import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)  # ssh forwards other ports
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Guard:
    """An ASGI application around another one, which sees paths without the token."""

    def __init__(self, app: "ASGIApp", token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer, or let it through."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: "Message") -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refused = self._refused(scope)
        if refused:
            await refused(scope, receive, send_guarded)
            return
        _, _, rest = scope["path"][1:].partition("/")
        await self._app({**scope, "path": f"/{rest}", "raw_path": b""}, receive, send_guarded)

    def _refused(self, scope: "Scope") -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if not _LOOPBACK.fullmatch(headers.get("host", "")):
            return PlainTextResponse("This is a page of this machine alone.", 421)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Here is nothing to change.", 405, {"Allow": "GET, HEAD"})
        token, slash, _ = scope["path"][1:].partition("/")
        if not (secrets.compare_digest(token.encode(), self._token) and slash):
            return PlainTextResponse("There is nothing here. The address that was printed has a token in it.", 404)
        foreign = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        if foreign and headers.get("sec-fetch-mode") != "navigate":
            return PlainTextResponse("Another site has no business here.", 403)
        return None
