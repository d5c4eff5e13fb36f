"""What the pods of a release really run, and whether it is one and the same. Pure."""

from collections.abc import Collection

from components.rules.facts import Pod
from contract.images import contents, is_pinned, plain_id, short


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
