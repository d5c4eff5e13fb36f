"""The errors of a kubeconfig and of a login. The texts are one line each and never quote a file's content."""

LONGEST = 300


class KubeconfigError(Exception):
    """The kubeconfig cannot be used, or asks for what is not supported; nothing was sent."""


class LoginError(Exception):
    """The identity has no credentials now: its login plugin failed, or its token's file is gone."""


def one_line(text: str) -> str:
    """Foreign text as one harmless line: printable characters only, cut at 300."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
