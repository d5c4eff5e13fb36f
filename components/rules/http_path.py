"""Paths of HTTP requests: whether one stays below the address that it is asked of. Pure."""

import re
from urllib.parse import unquote

_ESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DECODINGS = 5  # more than any server between here and the pod decodes


def confined(path: str) -> bool:
    """Whether a path begins with one `/`, stays below it, and holds only what a path and a query may.

    A segment `.` or `..`, also written with `%2e`, `%2f`, `%5c` or `\\`, is taken out by clients, proxies or the API
    server: below the service proxy the request would then reach another part of the API.
    """
    if not path.startswith("/") or path.startswith("//") or not path.isprintable():
        return False
    if any(sign.isspace() or sign in "#\\" for sign in path) or _ESCAPED.search(path):
        return False
    plain = path.partition("?")[0]
    for _ in range(_DECODINGS):
        if any(segment in (".", "..") for segment in re.split(r"[/\\]", plain)):
            return False
        decoded = unquote(plain)
        if decoded == plain:
            return decoded.isprintable() and "\\" not in decoded
        plain = decoded
    return False
