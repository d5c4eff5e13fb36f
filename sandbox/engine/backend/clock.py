"""Timestamps as the file backend and the Automation API expect them."""

from datetime import UTC, datetime


def now() -> str:
    """The present in RFC 3339, UTC, as checkpoints hold it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def json_time(seconds: float) -> str:
    """Seconds since 1970 in the one form that `pulumi.automation` parses: milliseconds after a dot, and a Z."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def parse(text: str) -> datetime | None:
    """A checkpoint's timestamp, or None if it holds none."""
    try:
        moment = datetime.fromisoformat(_at_most_microseconds(text))
    except ValueError:
        return None
    return moment if moment.year > 1 else None


def _at_most_microseconds(text: str) -> str:
    head, dot, tail = text.partition(".")
    if not dot:
        return text
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}.{tail[: min(digits, 6)].ljust(6, '0')}{tail[digits:]}"


def ago(moment: datetime) -> str:
    """How long ago that was, in words."""
    seconds = max(0, int((datetime.now(UTC) - moment).total_seconds()))
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "now"
