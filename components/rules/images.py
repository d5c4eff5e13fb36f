"""The images that the pods of a release really run, and whether they are one and the same. Pure."""

from collections.abc import Collection
from typing import Literal

from components.rules.facts import Pod
from contract.images import contents, is_pinned, plain_id, short

Rewrites = Literal["none", "registry", "any"]
"""What an admission of the cluster may change of an image: nothing, where it comes from, or anything."""


def rewritten(asked: str, seen: str, allowed: Rewrites) -> bool:
    """Whether `seen` is the image that was asked for as an admission may have rewritten it. With `registry` that is the
    same content by its name: another registry or path before the repository, a digest beside or in place of the tag.
    """
    if allowed != "registry":
        return allowed == "any"
    (asked_path, asked_tag, asked_digest), (path, tag, digest) = _parts(asked), _parts(seen)
    shorter = min(len(asked_path), len(path))
    if asked_path[-shorter:] != path[-shorter:]:
        return False
    if asked_digest:
        return digest == asked_digest
    return tag == asked_tag if tag else bool(digest)


def _parts(image: str) -> tuple[list[str], str, str]:
    """An image reference as the parts of its path without the registry, its tag and its digest."""
    name, _, digest = image.partition("@")
    *path, last = name.split("/")
    last, _, tag = last.partition(":")
    if path and (set(path[0]) & {".", ":"} or path[0] == "localhost"):
        del path[0]
    return [*path, last], tag, digest


def running_ids(pods: Collection[Pod], image: str) -> list[str]:
    """The different image ids of the ready pods that run `image`, sorted; [] where no pod tells one."""
    return sorted({plain_id(pod.image_id) for pod in _telling(pods, image)})


def why_not_one_image(pods: Collection[Pod], image: str) -> str | None:
    """Why these pods do not all run the same content of `image`; None when they do, or nothing is known.

    Not asked of an image that is named by digest: the digest says it, and a runtime may report it in the digest of each
    node's architecture.
    """
    if is_pinned(image):
        return None
    several = contents((pod.name, pod.image_id) for pod in _telling(pods, image))
    return "; ".join(f"{short(digest)} in {', '.join(names)}" for digest, names in several.items()) or None


def _telling(pods: Collection[Pod], image: str) -> list[Pod]:
    return [pod for pod in pods if pod.ready and not pod.terminating and pod.image == image and pod.image_id]
