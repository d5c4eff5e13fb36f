"""Image references as people write them, and where that is. Pure."""

import re
from dataclasses import dataclass

from cutover.errors import UsageError

DEFAULT_HOST = "docker.io"  # of a name without one, as every runtime has it
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Reference:
    """An image. `name` is as it was written, without tag and digest, which are empty where it has none."""

    name: str
    host: str
    repository: str
    tag: str
    digest: str

    def at(self, digest: str) -> str:
        """The image named by its content; the tag stays for people to read."""
        return f"{self.name}{':' * bool(self.tag)}{self.tag}@{digest}"


def parse(image: str) -> Reference:
    """The parts of an image reference. Raises UsageError for what is none."""
    match = _REFERENCE.fullmatch(image)
    if match is None:
        raise UsageError(f"{image!r} is not an image reference", "write registry/name:tag or registry/name@sha256:…")
    name = match["name"]
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        host, repository = first, rest
    else:
        host, repository = DEFAULT_HOST, name if slash else f"library/{name}"
    return Reference(name, host, repository, match["tag"] or "", match["digest"] or "")
