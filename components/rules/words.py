"""A program's last words as they may be shown: short, in one line, without what looks like a login. Pure."""

import re

LENGTH = 300
_LOGIN_IN_URL = re.compile(r"(?<=://)[^\s/@]+@")
_NAMED = re.compile(
    r"""(?ix) (pass(?:word|wd|phrase)? | pwd | secret | token | api[_-]?key) (["']?\s*[=:]\s*["']?) [^\s"',;&]+"""
)


def last_words(text: str, length: int = LENGTH) -> str:
    """The end of the text. A driver's error often quotes the address of its database, password included."""
    line = " ".join(text.split())
    shown = _NAMED.sub(r"\1\2…", _LOGIN_IN_URL.sub("…@", line))
    return shown if len(shown) <= length else "… " + shown[-length:]
