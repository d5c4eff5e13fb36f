"""Durations of the command line: `90s`, `2m`, `1h30m`; a bare number is seconds."""

import re

from cutover.errors import UsageError

_SECONDS = {"h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m)?(?:(?P<s>\d+(?:\.\d+)?)s?)?")


def seconds_of(text: str, option: str) -> float:
    """The duration in seconds. Raises UsageError, which names the option."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groupdict().values()):
        raise UsageError(f"{option} {text!r} is no duration", f"write it as in {option} 90s, 2m or 1h30m")
    return sum(float(number) * _SECONDS[unit] for unit, number in found.groupdict().items() if number)
