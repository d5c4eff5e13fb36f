"""Which of two releases is newer, and the release past which nobody may roll back. Pure.

The driver never imports the components; these rules are theirs (components/rules/versions.py), and a test holds both to
the same answers.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cutover.observe.names import describe

_VERSION = re.compile(r"v?(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?:-(?P<pre>[0-9A-Za-z.-]+))?")
_NUMBERS = 8

Key = tuple[tuple[int, ...], tuple[int, tuple[tuple[int, int, str], ...]]]
Release = Mapping[str, Any]


def older(one: Release, other: Release) -> bool:
    """Whether the first release comes before the other: by version as SemVer orders them, else by build."""
    mine, theirs = _key(str(one.get("version", ""))), _key(str(other.get("version", "")))
    if mine is None or theirs is None or mine == theirs:
        return int(one.get("build", 0)) < int(other.get("build", 0))
    return mine < theirs


def read_release(text: str | None) -> dict[str, Any] | None:
    """Version and build of `1.5.0 build 3`; None for anything else."""
    version, found, build = (text or "").rpartition(" build ")
    return {"version": version, "build": int(build)} if found and build.isdecimal() else None


def forbids(limits: Iterable[Release], target: Release) -> str | None:
    """The first of the limits that a release comes before, for people; None where it may take the traffic."""
    return next((describe(limit) for limit in limits if older(target, limit)), None)


def _key(version: str) -> Key | None:
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    numbers = tuple(int(part) for part in match["numbers"].split("."))
    filled = numbers + (0,) * (_NUMBERS - len(numbers))
    if match["pre"] is None:
        return filled, (1, ())
    return filled, (0, tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in match["pre"].split(".")))
