"""What the pods of a release really run: the runtime's image ids, and whether they are one and the same. Pure.

A runtime reports `name@sha256:…`, the digest that the registry gave it, or for an image that came from no registry
`sha256:…`, the digest of the image's config; some put `docker-pullable://` or the like in front.
"""

from collections.abc import Collection

from components.rules.facts import Pod

SHOWN_DIGITS = 12


def is_pinned(image: str) -> bool:
    """Whether an image reference names its content, by a digest, and not only a tag that may be moved."""
    return "@sha256:" in image


def plain_id(image_id: str) -> str:
    """An image id without the runtime's scheme."""
    return image_id.rpartition("://")[2]


def running_ids(pods: Collection[Pod], image: str) -> list[str]:
    """The different image ids of the ready pods that run `image`, sorted; [] where no pod tells one."""
    return sorted({plain_id(pod.image_id) for pod in _telling(pods, image)})


def why_not_one_image(pods: Collection[Pod], image: str) -> str | None:
    """Why these pods do not all run the same content of `image`; None when they do, or nothing is known.

    Not asked of an image that is named by digest: the digest says it, and a runtime may report it in the digest of each
    node's architecture. A registry's digest and that of an image from no registry cannot be compared, so are not.
    """
    if is_pinned(image):
        return None
    found: dict[tuple[bool, str], list[str]] = {}
    for pod in _telling(pods, image):
        _, at, digest = plain_id(pod.image_id).rpartition("@")
        found.setdefault((bool(at), digest), []).append(pod.name)
    kinds = [pulled for pulled, _ in found]
    several = {digest: sorted(names) for (pulled, digest), names in sorted(found.items()) if kinds.count(pulled) > 1}
    if not several:
        return None
    return "; ".join(f"{_short(digest)} in {', '.join(names)}" for digest, names in several.items())


def _telling(pods: Collection[Pod], image: str) -> list[Pod]:
    return [pod for pod in pods if pod.ready and not pod.terminating and pod.image == image and pod.image_id]


def _short(digest: str) -> str:
    algorithm, colon, digits = digest.partition(":")
    return f"{algorithm}{colon}{digits[:SHOWN_DIGITS]}"
