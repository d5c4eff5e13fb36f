"""The last words of a program, made fit to be shown: short, in one line, without what looks like a login. Pure."""

from contract.secrets import masked
from contract.text import one_line

LENGTH = 300


def last_words(text: str, length: int = LENGTH) -> str:
    """The end of the text. A driver's error often quotes the address of its database, password included."""
    shown = one_line(masked(text), len(text) + 1)
    return shown if len(shown) <= length else "… " + shown[-length:]
