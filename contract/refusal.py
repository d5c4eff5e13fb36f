"""The note of a refusal on a live Service: a release did not get the traffic, or lost it again. Pure.

It is of use as long as that release stands on the idle color: another release there, or the traffic on it, ends it. So
nobody has to take it off, and who looks later still sees how the last try ended.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

from contract.annotations import REFUSED
from contract.codes import STAYS, code_in
from contract.text import harmless

Kind = Literal["refused", "reverted", "rolled back"]
_SAID = {
    "refused": "was refused",
    "reverted": "was sent the traffic and lost it again",
    "rolled back": "was left by a rollback",
}
LONGEST = 500  # characters of the reason
_PARTS = ("why: ", "fix: ", "code: ")  # of an error, behind what it found


@dataclass(frozen=True)
class Refusal:
    """`revision` on `color` was refused, reverted (a bake that failed) or rolled back; `at` in UTC, as ISO 8601.

    `why` is what the error found, without its advice, and `code` the error's (contract.codes), where it has one.
    """

    kind: Kind
    color: str
    revision: str
    at: str
    why: str = ""
    code: str = ""

    @classmethod
    def now(cls, kind: Kind, color: str, revision: str, why: str, code: str = "") -> "Refusal":
        """The note of this moment, of the whole text of an error: its reason is cut to one line."""
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return cls(kind, color, revision, at, _reason(why)[:LONGEST], code or code_in(why))

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


def _reason(text: str) -> str:
    """What an error found, as one line: all that is before its claim of the traffic, its why, fix and code."""
    kept: list[str] = []
    for line in map(str.strip, text.splitlines()):
        if line == STAYS or line.startswith(_PARTS):
            break
        kept.append(line)
    return " ".join(" ".join(kept or [text]).split())


def mend_or_abort(service: str, stack: str = "") -> str:
    """The ways on once a cutover was refused: the same again would be refused again."""
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
        given = {"code": "", **found}
        parts = {one.name: harmless(" ".join(str(given[one.name]).split())) for one in fields(Refusal)}
    except (ValueError, KeyError, TypeError):
        return None
    return Refusal(**parts) if parts["kind"] in _SAID else None
