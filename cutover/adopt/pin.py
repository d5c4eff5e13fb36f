"""The image of what is adopted, named by the content that its pods run. Pure."""

from collections import defaultdict

from contract.attachment import selects
from contract.images import MOVING, by_digest, digest_in, is_pinned, parts_of, short, version_in
from cutover.adopt.findings import Finding
from cutover.adopt.found import Found
from cutover.errors import UsageError
from cutover.observe.pods import is_ready


def image_to_write(found: Found, *, pin: bool) -> tuple[str, list[Finding]]:
    """The image for the config, and what there is to say of it: by the digest that all ready pods run, or with the tag
    alone where that is wanted, or where the image is from no registry.
    """
    image = str(found.container["image"])
    if is_pinned(image):
        return image, []
    if not pin:
        return image, [_moves(image, "--no-pin leaves it like that", "leave --no-pin out")] if _is_moving(image) else []
    ran = _digests(found)
    if len(ran) > 1:
        return image, [_several(found, image, ran)]
    if digest := next(iter(ran), ""):
        return by_digest(image, digest), []
    why = "no ready pod tells a digest of its registry"
    if _is_moving(image):
        return image, [_moves(image, why, "push the image under a tag that stays, and roll that out first")]
    tag = f"the image {image} is not pinned: {why}"
    return image, [
        Finding(False, tag, "a tag that is moved changes what a rollback brings back", "push it to a registry")
    ]


def version_to_write(found: Found, image: str) -> str:
    """The version that runs: the image's tag, else the label that says so, else the image's digest.

    Raises UsageError where none of them does.
    """
    labels = found.deployment["spec"]["template"]["metadata"].get("labels") or {}
    version = version_in(image.partition("@")[0]) or labels.get("app.kubernetes.io/version") or version_in(image)
    if not version:
        raise UsageError(f"the image {image} has no tag that says which version runs", "name it: --version 1.4.0")
    return str(version)


def _is_moving(image: str) -> bool:
    return parts_of(image)[1] in ("", MOVING)


def _digests(found: Found) -> dict[str, list[str]]:
    """Digest -> the ready pods whose application runs it; empty where none is from a registry."""
    ran: dict[str, list[str]] = defaultdict(list)
    for pod in found.pods:
        if is_ready(pod) and selects(found.selector, pod["metadata"].get("labels")):
            for one in pod["status"].get("containerStatuses") or []:
                if one["name"] == found.container["name"] and (digest := digest_in(one.get("imageID", ""))):
                    ran[digest].append(pod["metadata"]["name"])
    return dict(ran)


def _several(found: Found, image: str, ran: dict[str, list[str]]) -> Finding:
    said = "; ".join(f"{short(digest)} in {', '.join(sorted(pods))}" for digest, pods in sorted(ran.items()))
    name = found.deployment["metadata"]["name"]
    return Finding(
        True,
        f"the pods run {len(ran)} contents of {image}: {said}",
        "users get one or the other by chance, and nobody can say which of them the release is",
        f"have all of them pull once more: `kubectl rollout restart deployment {name} -n {found.namespace}`; or "
        "--no-pin keeps the tag, where nodes of two architectures are meant",
    )


def _moves(image: str, why: str, fix: str) -> Finding:
    return Finding(
        True,
        f"the image {image} names what is newest at the moment, and {why}",
        "a rollback to it would bring back whatever it names by then",
        fix,
    )
