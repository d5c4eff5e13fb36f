"""The images that pods really run, by the ids of their runtime. Pure."""

from collections.abc import Collection

from contract.images import contents, digest_in, short
from cutover.observe.records import PodStatus


def running(pods: Collection[PodStatus], revision: str, image: str) -> list[PodStatus]:
    """The ready pods of a release that tell what they run."""
    return [pod for pod in pods if pod.ready and pod.revision == revision and pod.image == image and pod.image_id]


def replaced(noted: Collection[str], now: Collection[str], image: str) -> str:
    """The images that the pods run now and ran when they were brought up, in words, where none is the same."""
    before, after = ({digest for image_id in ids if (digest := digest_in(image_id))} for ids in (noted, now))
    if digest_in(image) or not before or not after or before & after:
        return ""
    return f"{', '.join(map(short, sorted(after)))}, and {', '.join(map(short, sorted(before)))} when it was brought up"


def mixture(pods: Collection[PodStatus], image: str) -> str:
    """The contents that the pods of one release run under one tag, in words, where they are several; else empty.

    Not asked of an image named by digest.
    """
    if digest_in(image):
        return ""
    several = contents((pod.name, pod.image_id) for pod in pods)
    return ", ".join(f"{short(digest)} ({len(found)} pod{'s' * (len(found) > 1)})" for digest, found in several.items())
