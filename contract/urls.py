"""URLs that requests are sent to, by the program for routes and by the driver for a bake: whether one is usable."""

import re
from urllib.parse import urlsplit

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
_LONGEST_HOST = 253


def url_problem(url: str) -> str | None:
    """Why no request can go to this URL; None where one can. What may be secret in it is not repeated."""
    if any(not character.isprintable() or character.isspace() for character in url):
        return "it holds a space, or a character that cannot be printed"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # whose words may hold a part of a password
        return "its port is no number up to 65535, or its brackets do not match"
    if parts.scheme not in ("http", "https"):
        return "it begins with neither http:// nor https://"
    if not host:
        return "it names no host"
    if port == 0:
        return "its port is 0"
    return None if ":" in host or _may_be_a_host(host) else "its host can be no host's name"


def _may_be_a_host(host: str) -> bool:
    try:
        name = host.encode("idna").decode()
    except UnicodeError:
        return False
    return len(name) <= _LONGEST_HOST and all(_LABEL.fullmatch(label) for label in name.removesuffix(".").split("."))
