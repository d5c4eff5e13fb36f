"""The objects beside an adopted Service that find its pods by their labels: other Services, NetworkPolicies. Pure.

New releases have labels of their own, so those objects find them only by old labels that new pods carry. A label is
carried where the program does not give it itself, and where with it neither the adopted selector nor a budget of the
old pods finds a new pod.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract.attachment import selects

if TYPE_CHECKING:
    from cutover.adopt.found import Found

Json = dict[str, Any]
OURS = ("app.kubernetes.io/", "cutover.dev/")


@dataclass(frozen=True)
class Finder:
    """An object that finds the pods, by which labels, and whether by more than equal labels."""

    called: str
    labels: dict[str, str]
    service: bool
    more: bool = False


def finders(found: "Found") -> list[Finder]:
    """All objects that find the pods, but for the adopted Service itself."""
    pods = found.labels
    made = [
        Finder(f"the Service {one['metadata']['name']}", one["spec"]["selector"], True)
        for one in found.services
        if one["metadata"]["name"] != found.service["metadata"]["name"] and selects(_selector(one), pods)
    ]
    for policy in found.policies or ():
        for selector in _pod_selectors(policy["spec"]):
            if selects(wanted := selector.get("matchLabels") or {}, pods):
                called = f"the NetworkPolicy {policy['metadata']['name']}"
                made.append(Finder(called, wanted, False, bool(selector.get("matchExpressions"))))
    return made


def carried(found: "Found") -> dict[str, str]:
    """The labels that new pods are to carry: what is asked for, and all that says nothing about who finds them."""
    wanted: dict[str, str] = {}
    for one in found.others:
        wanted |= {key: value for key, value in one.labels.items() if not key.startswith(OURS)}
    if selects({k: v for k, v in found.selector.items() if not k.startswith(OURS)}, wanted):
        asked = [key for one in found.others for key in one.labels]
        wanted.pop(min((key for key in found.selector if key in wanted), key=lambda key: (asked.count(key), key)))
    finding = [found.selector, *((one["spec"].get("selector") or {}).get("matchLabels") or {} for one in found.budgets)]
    keys = {key for one in finding for key in one}
    return {key: value for key, value in found.labels.items() if key not in keys and not key.startswith(OURS)} | wanted


def _selector(service: Json) -> dict[str, str]:
    return dict(service["spec"].get("selector") or {})


def _pod_selectors(spec: Any) -> Iterator[Json]:
    """Every selector of pods in a policy: whom it guards, and whom it lets in or out."""
    if isinstance(spec, list):
        for inner in spec:
            yield from _pod_selectors(inner)
    for key, inner in spec.items() if isinstance(spec, dict) else ():
        if key == "podSelector" and isinstance(inner, dict):
            yield inner
        else:
            yield from _pod_selectors(inner)
