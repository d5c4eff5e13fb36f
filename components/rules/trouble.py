"""The trouble of a release that is not ready, as kubelet and controllers tell it, and whether waiting helps. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from components.rules.facts import Pod, Workload

GRACE_SECONDS = 30.0  # three of the kubelet's tries: a registry or a webhook may be away for so long, a quota be full
_PULLS = ("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "SignatureValidationFailed")
_HOPELESS = ("InvalidImageName", "ErrImageNeverPull")
# What a registry says that it will say again: there is no such image, or not for this node.
_REFUSED = re.compile(
    r"\bnot found\b|NotFound|manifest unknown|name unknown|repository does not exist|unauthori[sz]ed|"
    r"authorization failed|access denied|\bdenied\b|forbidden|no match for platform",
    re.IGNORECASE,
)
_QUOTED_NAME = re.compile(r'\b(?:image|reference) "[^"]*"')
_NAME_PART = re.compile(r"/|\.\w")  # of a reference, an address or a host
# What an admission decides by the object alone.
_INADMISSIBLE = re.compile(
    r"violates PodSecurity|denied the request|(?:minimum|maximum) \S+ usage per|LimitRequestRatio|is invalid:|"
    r"is forbidden: (?:error looking up|unable to validate against any security context)"
)


@dataclass(frozen=True)
class Trouble:
    """Something that keeps a release from being ready. `final`: waiting cannot help; else it may, for a grace."""

    what: str
    final: bool


def trouble(pods: Collection[Pod], workloads: Collection[Workload]) -> Trouble | None:
    """The worst of what pods of one release and their workloads say; None where nothing but time is lacking.

    An image that the kubelet backs off from is final where the registry said that there is none, or refused; a pod that
    the API server refuses, where the admission judged the pod itself.
    """
    found = [Trouble(one.refused, bool(_INADMISSIBLE.search(one.refused))) for one in workloads if one.refused]
    for pod in sorted(pods, key=lambda one: one.name):
        if not pod.terminating and pod.admitted and pod.admitted == pod.image:
            found.append(
                Trouble(
                    f"{pod.name} runs {pod.image}, which an admission of the cluster put in place of the "
                    "release's image; `image_rewrites` says what it may change",
                    final=True,
                )
            )
        if pod.ready or pod.terminating:
            continue
        said = f"{pod.name}: {pod.problem}"
        if pod.waits_for in _HOPELESS:
            found.append(Trouble(said, final=True))
        elif pod.waits_for in _PULLS:
            backs_off = pod.waits_for == "ImagePullBackOff"
            found.append(Trouble(said, final=backs_off and bool(_REFUSED.search(_without_names(pod)))))
    return next((one for one in found if one.final), found[0] if found else None)


def _without_names(pod: Pod) -> str:
    """The problem of a pod without the images, addresses and hosts in it: `web/notfound` is no word of a registry."""
    text = re.sub(rf"(?<!\w){re.escape(pod.image)}(?!\w)", " ", _QUOTED_NAME.sub(" ", pod.problem))
    return " ".join(word for word in re.split(r'[\s"]+', text) if not _NAME_PART.search(word))
