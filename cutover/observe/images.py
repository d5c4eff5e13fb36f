"""What pods really run: the runtime's image ids. The program judges by the same rules, and a test holds both to it.

An id is `name@sha256:…`, the digest that a registry gave, or for an image that came from no registry `sha256:…`, the
digest of the image's config.
"""

from collections import Counter
from collections.abc import Collection

from cutover.observe.records import PodStatus

SHOWN_DIGITS = 12


def plain_id(image_id: str) -> str:
    """An image id without the runtime's scheme (`docker-pullable://`)."""
    return image_id.rpartition("://")[2]


def digest_in(reference: str) -> str:
    """The digest that an image reference or id names, by a registry; empty where it names none."""
    return reference.partition("@")[2]


def short(digest: str) -> str:
    """A digest for a line of text: `sha256:0123456789ab`."""
    algorithm, colon, digits = digest.partition(":")
    return f"{algorithm}{colon}{digits[:SHOWN_DIGITS]}"


def running(pods: Collection[PodStatus], revision: str, image: str) -> list[PodStatus]:
    """The ready pods of a release that tell what they run."""
    return [pod for pod in pods if pod.ready and pod.revision == revision and pod.image == image and pod.image_id]


def replaced(noted: Collection[str], now: Collection[str], image: str) -> str:
    """What the pods run now and what they ran when they were brought up, in words, where nothing of it is the same."""
    before, after = ({digest for image_id in ids if (digest := digest_in(image_id))} for ids in (noted, now))
    if digest_in(image) or not before or not after or before & after:
        return ""
    return f"{', '.join(map(short, sorted(after)))}, and {', '.join(map(short, sorted(before)))} when it was brought up"


def mixture(pods: Collection[PodStatus], image: str) -> str:
    """The contents that the pods of one release run under one tag, in words, where they are several; else empty.

    Not asked of an image named by digest. The two kinds of ids cannot be compared, so are not.
    """
    if digest_in(image):
        return ""
    found = Counter((bool(digest_in(pod.image_id)), digest_in(pod.image_id) or pod.image_id) for pod in pods)
    kinds = Counter(pulled for pulled, _ in found)
    several = {digest: count for (pulled, digest), count in sorted(found.items()) if kinds[pulled] > 1}
    return ", ".join(f"{short(digest)} ({count} pod{'s' * (count > 1)})" for digest, count in several.items())
