"""A lock as `uv pip compile --generate-hashes` writes it: packages with their hashes, each with who needs it. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_BLOCK = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+).*\n(?:[ ].*\n)*", re.MULTILINE)
_BECAUSE = re.compile(r"^ +# via(?P<names>.*\n(?: +#   .*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Locked:
    """One package of a lock: its lines, its version, and the packages that need it."""

    text: str
    version: str
    needed_by: frozenset[str]


def read_lock(text: str) -> dict[str, Locked]:
    """Name of a package, as indexes write it -> what the lock says of it, in the lock's order."""
    return {
        plain(block["name"]): Locked(block[0], block["version"], _reasons(block[0])) for block in _BLOCK.finditer(text)
    }


def needed(lock: Mapping[str, Locked], roots: Collection[str]) -> dict[str, Locked]:
    """The packages of the lock that these need, themselves among them. Raises KeyError where the lock lacks one."""
    found = {plain(name) for name in roots}
    for name in found:
        lock[name]
    while more := {name for name, one in lock.items() if name not in found and one.needed_by & found}:
        found |= more
    return {name: one for name, one in lock.items() if name in found}


def plain(name: str) -> str:
    """The name of a package as indexes write it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _reasons(block: str) -> frozenset[str]:
    return frozenset(
        plain(word) for found in _BECAUSE.finditer(block) for word in found["names"].split() if word != "#"
    )
