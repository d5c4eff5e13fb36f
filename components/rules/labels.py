"""Labels and selectors: the recommended `app.kubernetes.io/*` set plus `cutover.dev/color` and `cutover.dev/revision`.

A selector holds only what never changes under its object: the instance, and for blue/green the color and the revision.
What people read (version, component, part-of) is on every object and in no selector.
With `cutover: labels` the pods that take the traffic carry `cutover.dev/live`, which is in no workload's selector.
"""

import re

from components.rules.digest import short_hash
from contract.both_colors import BOTH
from contract.labels import (
    ATTACHED,
    COLOR,
    COMPONENT,
    INSTANCE,
    JOB_OF,
    LIVE,
    MANAGED_BY,
    NAME,
    PART_OF,
    RELEASE,
    REVISION,
    VERSION,
)
from contract.releases import Color

MAX_VALUE = 63
_LEGAL = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_ILLEGAL = re.compile(r"[^-A-Za-z0-9_.]+")


def is_label_value(text: str) -> bool:
    """Whether Kubernetes takes the text as a label value that is not empty."""
    return _LEGAL.fullmatch(text) is not None


def label_value(text: str) -> str:
    """The text as a label value: itself where it is legal, else its legal characters and a hash of the whole."""
    if is_label_value(text):
        return text
    stem = _ILLEGAL.sub("-", text)[: MAX_VALUE - 9].strip("-_.")
    return "-".join(part for part in (stem, short_hash(text)) if part)


def selector_labels(service: str, *, color: Color | None = None, revision: str | None = None) -> dict[str, str]:
    """The labels that find the pods of a service: all of them, those of one color, or those of one revision."""
    labels = {INSTANCE: label_value(service), COLOR: color, REVISION: label_value(revision) if revision else None}
    return {key: value for key, value in labels.items() if value is not None}


def live_selector(service: str) -> dict[str, str]:
    """The selector of the live Service with `cutover: labels`: the pods of the service that are attached to it."""
    return selector_labels(service) | {LIVE: ATTACHED}


def both_selector(service: str) -> dict[str, str]:
    """The selector of the live Service in a canary by replicas: the pods of both colors."""
    return selector_labels(service) | BOTH


def object_labels(
    service: str,
    *,
    part_of: str,
    component: str,
    version: str | None = None,
    color: Color | None = None,
    revision: str | None = None,
) -> dict[str, str]:
    """Labels for `metadata.labels` of any object; `component` is its role, such as `workload` or `live`."""
    labels = {NAME: service, VERSION: version, COMPONENT: component, PART_OF: part_of, MANAGED_BY: "pulumi"}
    described = {key: label_value(value) for key, value in labels.items() if value}
    return described | selector_labels(service, color=color, revision=revision)


def job_labels(
    service: str, *, part_of: str, component: str, version: str, release: str, color: Color | None = None
) -> dict[str, str]:
    """Labels of a Job of a release, and of its pods; `component` is its role, such as `before-cutover`."""
    labels = {NAME: service, VERSION: version, COMPONENT: component, PART_OF: part_of, MANAGED_BY: "pulumi"}
    described = {key: label_value(value) for key, value in labels.items()}
    return described | {JOB_OF: label_value(service), RELEASE: release} | ({COLOR: color} if color else {})


def pod_labels(
    service: str,
    *,
    part_of: str,
    version: str,
    color: Color | None = None,
    revision: str | None = None,
    named: bool = True,
) -> dict[str, str]:
    """Labels for a pod template: a superset of `selector_labels` with the same arguments.

    Without `named` the name is left out: the selector of a Service that Helm made asks for name and instance, and would
    find pods that carry both.
    """
    labels = object_labels(
        service, part_of=part_of, component="workload", version=version, color=color, revision=revision
    )
    return labels if named else {key: value for key, value in labels.items() if key != NAME}
