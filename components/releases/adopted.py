"""Adopted releases: their selectors find no pod of ours, and their pods are recognized by the image that they run."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from components.rules.errors import ConfigError
from components.rules.facts import Pod
from components.rules.problem import Problem
from components.settings import Release
from contract.attachment import selects
from contract.images import by_digest, digest_in, is_pinned


def refuse_selecting_ours(path: str, selector: Mapping[str, str], ours: Mapping[str, str]) -> None:
    """Refuse an adopted workload whose selector would find pods of ours. Raises ConfigError.

    `ours` are the labels that every pod of ours has, whatever its release.
    """
    if selects(selector, ours):
        raise ConfigError(
            [
                Problem(
                    f"{path}.adopt.selector",
                    f"{dict(selector)} finds the pods of new releases too: they carry {dict(ours)}",
                    "the first release beside the adopted one would take a share of its traffic before any gate",
                    "give the pods of the existing Deployment one more label, and the Service's selector after them",
                )
            ]
        )


def as_adopted(pods: Collection[Pod], release: Release) -> list[Pod]:
    """The pods of an adopted release with the image of the container that serves. Where the release names a digest, so
    do they: the one that their runtime tells, since their Deployment may name a tag, `latest` for one.
    """
    return [replace(pod, image=_image(pod, release)) for pod in pods]


def _image(pod: Pod, release: Release) -> str:
    named = release.adopt.container if release.adopt else None
    ran = {image: (image, image_id) for image, image_id in pod.runs.values()}
    image, image_id = pod.runs.get(named or "") or ran.get(pod.image) or (pod.image, "")
    if not is_pinned(release.image) or is_pinned(image):
        return image
    if digest := digest_in(image_id):
        return release.image if digest == digest_in(release.image) else by_digest(image, digest)
    return image if pod.ready else release.image  # it does not run yet: what it will be, nobody knows
