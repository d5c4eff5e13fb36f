"""Image references and the image ids that a container runtime reports. Pure.

A runtime reports `name@sha256:…`, the digest that the registry gave. For an image from no registry it reports
`sha256:…`, the digest of the image's config. Some put `docker-pullable://` or the like in front. The two kinds of
digest cannot be compared.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

SHOWN_DIGITS = 12
MOVING = "latest"
"""The tag that names another content tomorrow; a reference without a tag means it."""
_VERSION = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


def digest_in(reference: str) -> str:
    """The registry's digest that an image reference or id names; empty where it names none."""
    return reference.partition("@")[2]


def is_pinned(image: str) -> bool:
    """Whether an image reference names its content by a digest, and not only a tag that may be moved."""
    return "@sha256:" in image


def plain_id(image_id: str) -> str:
    """An image id without the runtime's scheme."""
    return image_id.rpartition("://")[2]


def short(digest: str) -> str:
    """A digest for a line of text: `sha256:0123456789ab`."""
    algorithm, colon, digits = digest.partition(":")
    return f"{algorithm}{colon}{digits[:SHOWN_DIGITS]}"


def contents(ids: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Digest -> names of the pods that run it, where pods run several contents of one image; empty where they run one.

    `ids` are pairs of a pod's name and its image id. Registry digests and config digests are counted apart.
    """
    found: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for pod, image_id in ids:
        _, at, digest = plain_id(image_id).rpartition("@")
        found[bool(at), digest].append(pod)
    kinds = [pulled for pulled, _ in found]
    return {digest: sorted(pods) for (pulled, digest), pods in sorted(found.items()) if kinds.count(pulled) > 1}


def parts_of(reference: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image reference; tag and digest are empty where it names none."""
    name, _, digest = reference.partition("@")
    path, colon, tag = name.rpartition(":")
    return (path, tag, digest) if colon and "/" not in tag else (name, "", digest)


def by_digest(reference: str, digest: str) -> str:
    """The image named by its content. A tag that says which one it was stays for people to read; `latest` does not."""
    name, tag, _ = parts_of(reference)
    return f"{name}{f':{tag}' if tag not in ('', MOVING) else ''}@{digest}"


def version_in(reference: str) -> str:
    """The version that an image reference tells, as a label's value: its tag, else the first digits of its digest
    (`digest-0123456789ab`); empty where it tells none.
    """
    _, tag, digest = parts_of(reference)
    if tag != MOVING and _VERSION.fullmatch(tag):
        return tag
    digits = digest.partition(":")[2]
    return f"digest-{digits[:SHOWN_DIGITS]}" if digits else ""
