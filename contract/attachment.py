"""Attachment by labels (`cutover: labels`) as program and driver both do it: what is attached, which objects a move
changes, and what is written on each. Pure.

A move goes in this order, and each side looks at the cluster between two steps: attach the templates of the target,
attach its pods, see that it serves, detach the templates of all others, detach their pods. A pod that is born in
between is of a template that was changed before, or is found by the next look.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from contract.annotations import DETACHED
from contract.labels import ATTACHED, LIVE

Item = TypeVar("Item")
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Marks:
    """The keys that a step writes: the `labels` of a pod, or of a pod template, and the annotations (`notes`) of the
    pod, or of the object whose template it is. None removes a key.
    """

    labels: Mapping[str, str | None]
    notes: Mapping[str, str | None]

    @property
    def of_pod(self) -> dict[str, Any]:
        """The merge patch of a pod."""
        return {"metadata": {"labels": dict(self.labels), "annotations": dict(self.notes)}}

    @property
    def of_template(self) -> dict[str, Any]:
        """The merge patch of an object with a pod template. No pod is restarted by it."""
        template = {"metadata": {"labels": dict(self.labels)}}
        return {"metadata": {"annotations": dict(self.notes)}, "spec": {"template": template}}


ATTACH = Marks({LIVE: ATTACHED}, {DETACHED: None})
"""What makes an object attached."""


def detach() -> Marks:
    """The marks that detach an object; they note when that was."""
    return Marks({LIVE: None}, {DETACHED: datetime.now(UTC).isoformat(timespec="seconds")})


def attached(labels: Labels) -> bool:
    """Whether labels are those of what is attached."""
    return labels.get(LIVE) == ATTACHED


def selects(selector: Labels, labels: Labels | None) -> bool:
    """Whether a selector takes what has these labels; an empty selector takes nothing."""
    return bool(selector) and selector.items() <= (labels or {}).items()


def to_attach(found: Iterable[Item], labels: Callable[[Item], Labels], target: Labels) -> list[Item]:
    """The items that the selector `target` takes and that are not attached. `labels` reads those of an item's pods."""
    return [one for one in found if selects(target, labels(one)) and not attached(labels(one))]


def to_detach(found: Iterable[Item], labels: Callable[[Item], Labels], target: Labels) -> list[Item]:
    """The items that are attached and that the selector `target` does not take."""
    return [one for one in found if attached(labels(one)) and not selects(target, labels(one))]
