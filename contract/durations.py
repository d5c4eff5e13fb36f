"""Durations in a stack's config, whole numbers with their units: `30m`, `1h30m`, `2d`. Pure."""

import re

PATTERN = r"^(?=[0-9])([0-9]{1,5}d)?([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,7}s)?$"
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def seconds_in(text: str) -> int | None:
    """The duration in seconds; None for what is none."""
    if not re.fullmatch(PATTERN, text) or "\n" in text:
        return None
    return sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"([0-9]+)([dhms])", text))
