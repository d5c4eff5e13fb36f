"""The note on a live Service of the release that did not get its traffic, or lost it again. Pure.

It is of use as long as that release stands on the idle color: another release there, or the traffic on it, ends it. So
nobody has to take it off, and who looks later still sees how the last try ended.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from contract.annotations import REFUSED
from contract.text import harmless

Kind = Literal["refused", "reverted", "rolled back"]
_SAID = {
    "refused": "was refused",
    "reverted": "was sent the traffic and lost it again",
    "rolled back": "was left by a rollback",
}
LONGEST = 500  # characters of the reason


@dataclass(frozen=True)
class Refusal:
    """`revision` on `color` was refused, reverted (a bake that failed) or rolled back; `at` in UTC, as ISO 8601."""

    kind: Kind
    color: str
    revision: str
    at: str
    why: str = ""

    @classmethod
    def now(cls, kind: Kind, color: str, revision: str, why: str) -> "Refusal":
        """The note of this moment; the reason is cut to one line."""
        return cls(kind, color, revision, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", " ".join(why.split())[:LONGEST])

    @property
    def bad(self) -> bool:
        """Whether something failed: who rolls back may have other reasons."""
        return self.kind != "rolled back"

    def __str__(self) -> str:
        because = f": {self.why}" if self.why else ""
        return f"{_SAID[self.kind]} at {self.at}{because}"

    def text(self) -> str:
        """The annotation's value."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def to_json(self) -> dict[str, Any]:
        """The note as plain data."""
        return asdict(self)


def mend_or_abort(service: str, stack: str = "") -> str:
    """What helps once a cutover was refused: the same again would be refused again."""
    there = f" --stack {stack}" if stack else ""
    return (
        f"`cutover release {service}{there}` with a build of its own puts a mended release there; "
        f"`cutover abort {service}{there}` gives it up"
    )


def read_refusal(annotations: Mapping[str, str]) -> Refusal | None:
    """The note of a live Service; what is no such note counts as none."""
    try:
        found = json.loads(annotations.get(REFUSED, ""))
        # Once more: the text of the annotation was harmless, and what it escapes may not be.
        parts = {key: harmless(" ".join(str(found[key]).split())) for key in ("kind", "color", "revision", "at", "why")}
    except (ValueError, KeyError, TypeError):
        return None
    return Refusal(**parts) if parts["kind"] in _SAID else None
