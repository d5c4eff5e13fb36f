"""The words that program and driver share."""

NOT_ASKED = "its checks are not asked again"
"""In a plan: the release served before, so it only has to be ready."""


def counted(number: float, noun: str) -> str:
    """A number of things in words: `1 pod`, `2 pods`."""
    return f"{number:.15g} {noun}{'' if number == 1 else 's'}"
