"""The note on a live Service that a release was refused its traffic, for who looks later. Pure.

The driver reads and writes the same note (`cutover.observe.refusal`); a test holds both to one form.
"""

import json
from collections.abc import Mapping
from datetime import datetime

REFUSED = "cutover.dev/refused"
LONGEST = 500  # characters of the reason


def refusal_text(color: str, revision: str, at: datetime, why: str) -> str:
    """The annotation's value; `at` is in UTC."""
    note = {
        "kind": "refused",
        "color": color,
        "revision": revision,
        "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "why": " ".join(why.split())[:LONGEST],
    }
    return json.dumps(note, separators=(",", ":"))


def noted_revision(annotations: Mapping[str, str]) -> str | None:
    """The revision that the note is of, refused or left; None where there is no note."""
    try:
        found = json.loads(annotations.get(REFUSED, ""))
    except ValueError:
        return None
    return str(found.get("revision")) if isinstance(found, dict) else None
