"""Colors, the ids of releases, and which of two releases is newer. Pure.

A release is a version and a build. Its id is a DNS label (RFC 1123) and a Kubernetes label value at once.

Versions compare as SemVer does: number by number (`1.10.0` after `1.9.0`, `1.5` as `1.5.0`), a pre-release before its
release (`1.5.0-rc.2` before `1.5.0`). Of equal versions the build decides. It also decides where one of the two is no
such version, as a commit hash is none.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

Color = Literal["blue", "green"]
COLORS: tuple[Color, Color] = ("blue", "green")

MAX_NAME = 63
"""Characters of an object's name that is a DNS label."""
MAX_RELEASE_ID = 40
"""Characters. Leaves room for the service and the color in a name of 63."""

_HASH = 8
_PLAIN_VERSION = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_NOT_DNS = re.compile(r"[^a-z0-9]+")
_VERSION = re.compile(r"v?(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?:-(?P<pre>[0-9A-Za-z.-]+))?")
_NUMBERS = 8  # more than anybody writes; shorter ones are filled up with zeros

_Key = tuple[tuple[int, ...], tuple[int, tuple[tuple[int, int, str], ...]]]


def other(color: str) -> Color:
    """The color that is not this one."""
    return "green" if color == "blue" else "blue"


def release_id(version: str, build: int) -> str:
    """The id of a release, at most 40 characters: `("1.5.0", 3)` -> `1-5-0-b3`.

    A dot becomes one dash and a dash two (`1.5.0-rc.1` -> `1-5-0--rc-1-b3`), so both can be read back. Any other
    version (upper case, underscores, doubled separators) gets a hash of what was written.
    """
    if _PLAIN_VERSION.fullmatch(version):
        text = version.replace("-", "--").replace(".", "-") + f"-b{build}"
        if len(text) <= MAX_RELEASE_ID:
            return text
    return hashed(f"{version}-b{build}", (version, str(build)), MAX_RELEASE_ID)


def runs_release(revision: str, release: str) -> bool:
    """Whether a revision is of this release: the release id itself, or with a ReplicaSet's template digest."""
    # No id ends in a part with a `t`, so none is taken for another one's template.
    return bool(re.fullmatch(f"{re.escape(release)}(-t[0-9a-f]+)?", revision))


def hashed(text: str, identity: tuple[str, ...], limit: int) -> str:
    """A text as a DNS label of at most `limit` characters that ends in a hash of the whole identity."""
    stem = _NOT_DNS.sub("-", text.lower()).strip("-")[: limit - _HASH - 2].strip("-")
    digest = hashlib.sha256(chr(0).join(identity).encode()).hexdigest()[:_HASH]
    return f"{stem}-h{digest}"


def cut(text: str, identity: tuple[str, ...], limit: int) -> str:
    """The text where it is short enough, else `hashed`."""
    return text if len(text) <= limit else hashed(text, identity, limit)


def color_service_name(service: str, color: Color) -> str:
    """The Service that always points at one color: `storefront-green`."""
    return cut(f"{service}-{color}", (service, color), MAX_NAME)


@dataclass(frozen=True)
class Numbered:
    """A release by what orders it. As text `1.5.0 build 3`, which `read` takes back."""

    version: str
    build: int

    def __str__(self) -> str:
        return f"{self.version} build {self.build}"

    @property
    def id(self) -> str:
        """The release id."""
        return release_id(self.version, self.build)

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


def _key(version: str) -> _Key | None:
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
