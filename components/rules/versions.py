"""Which of two releases is newer: what a roll-forward may go to once data has changed. Pure.

Versions compare as SemVer does: number by number (`1.10.0` after `1.9.0`, `1.5` as `1.5.0`), a pre-release before its
release (`1.5.0-rc.2` before `1.5.0`). Of equal versions the build decides, and so it does where one of the two is no
such version, as a commit hash is none: builds are counted, hashes are not.
"""

import re
from dataclasses import dataclass

_VERSION = re.compile(r"v?(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?:-(?P<pre>[0-9A-Za-z.-]+))?")
_NUMBERS = 8  # more than anybody writes; shorter ones are filled up with zeros

Key = tuple[tuple[int, ...], tuple[int, tuple[tuple[int, int, str], ...]]]


@dataclass(frozen=True)
class Numbered:
    """A release by what orders it. As text `1.5.0 build 3`, which `read` takes back."""

    version: str
    build: int

    def __str__(self) -> str:
        return f"{self.version} build {self.build}"

    def older_than(self, other: "Numbered") -> bool:
        """Whether this release comes before the other one."""
        mine, theirs = _key(self.version), _key(other.version)
        if mine is None or theirs is None or mine == theirs:
            return self.build < other.build
        return mine < theirs


def read(text: str | None) -> Numbered | None:
    """The release of a text as `Numbered` writes it; None for anything else."""
    version, found, build = (text or "").rpartition(" build ")
    return Numbered(version, int(build)) if found and build.isdecimal() else None


def _key(version: str) -> Key | None:
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    numbers = tuple(int(part) for part in match["numbers"].split("."))
    filled = numbers + (0,) * (_NUMBERS - len(numbers))
    if match["pre"] is None:
        return filled, (1, ())
    # SemVer: numbers before words, each by their own order.
    parts = tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in match["pre"].split("."))
    return filled, (0, parts)
