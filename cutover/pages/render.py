"""The templates: records in, HTML out. Whatever is put in is escaped; nothing is marked as safe but our own markup."""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutover.observe.shares import percent

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).with_name("templates")
_COMMAND = re.compile(r"`([^`\n]*)`")


def render(template: str, **context: Any) -> str:
    """A template as text."""
    return environment().get_template(template).render(context)


@cache
def environment() -> "Environment":
    """The templates of this folder, with autoescape for each of them, and an error for what is not there."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters |= {
        "utc": utc,
        "clock": clock,
        "iso": iso,
        "percent": percent,
        "thousands": "{:,}".format,
        "shortened": shortened,
        "commands": commands,
        "ours": ours,
    }
    return made


def iso(moment: datetime | None) -> str:
    """A time as a machine reads it, in UTC; empty for none."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def utc(text: str) -> str:
    """A time of ISO 8601 as people read it: `2026-11-21 16:08:33 UTC`; what is none stays as it is."""
    found = _read(text)
    return f"{found:%Y-%m-%d %H:%M:%S} UTC" if found else text


def clock(text: str) -> str:
    """A time without the day, with tenths of a second: `16:08:33.4`."""
    found = _read(text)
    return f"{found:%H:%M:%S}.{found.microsecond // 100_000}" if found else text


def shortened(text: str, length: int) -> str:
    """A text cut to so many letters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def ours(html: str) -> "Markup":
    """The output of a template of this folder: markup, and escaped already."""
    from markupsafe import Markup

    return Markup(html)  # noqa: S704


def commands(text: str) -> "Markup":
    """A text in which what stands between backquotes is a command."""
    from markupsafe import Markup, escape

    parts = _COMMAND.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _read(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
