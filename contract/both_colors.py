"""A live Service that sends to both colors, as in a canary by replicas: what it selects then, which color is the active
one, and since when that one serves. Pure.

Its selector names no color and no revision then, so a note says them. Nor does the time of its selector tell of a
cutover any more: another note keeps the time of the last one.
"""

from collections.abc import Mapping
from datetime import datetime

from contract.annotations import SERVES
from contract.labels import COLOR, COMPONENT, LIVE, MANAGED_BY, REVISION

BOTH = {COMPONENT: "workload", MANAGED_BY: "pulumi"}
"""What it selects by besides the instance: what else in the namespace carries that name, as a chart's pods do, does not
fit."""


def sends_to_both(selector: Mapping[str, str]) -> bool:
    """Whether a live Service with this selector finds the pods of both colors."""
    return COLOR not in selector and BOTH.items() <= selector.items()


def serving(selector: Mapping[str, str], notes: Mapping[str, str]) -> tuple[str, str]:
    """The color and the revision that serve: by the selector, or by the note where it names none; empty where nothing
    says so.
    """
    if COLOR in selector or not (LIVE in selector or sends_to_both(selector)):
        return selector.get(COLOR, ""), selector.get(REVISION, "")
    color, _, revision = notes.get(SERVES, "").partition("/")
    return color, revision


def switched_note(color: str, revision: str, at: datetime) -> str:
    """The note of a release that serves since then: `blue/1-4-0-b12 2026-11-28T02:00:00+00:00`."""
    return f"{color}/{revision} {at.isoformat(timespec='seconds')}"


def switched_at(selector: Mapping[str, str], notes: Mapping[str, str], noted: str) -> datetime | None:
    """Since when the release that serves does so, by the note `noted`; None where that is of another release, or cannot
    be read.
    """
    release, _, text = noted.partition(" ")
    if release != "/".join(serving(selector, notes)):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
