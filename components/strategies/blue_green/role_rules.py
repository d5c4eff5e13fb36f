"""Cross-field rules of `active_metadata` and `preview_metadata`: the keys are nobody else's, every pod gets them."""

from collections.abc import Iterator, Mapping

from components.rules.facts import HASH, TEMPLATE_HASH
from components.settings.autoscale import scaling_of
from components.settings.base import Fault, Rule, Values
from components.settings.fragment import fragments_of
from components.settings.role_metadata import RoleMetadata
from contract.annotations import PREFIX

ROLE_KEYS = ("active_metadata", "preview_metadata")
MAX_ANNOTATIONS_BYTES = 128 * 1024  # half of what the API server takes on a pod: others annotate it too
_OURS = ("app.kubernetes.io/", PREFIX)
_OF_CONTROLLERS = (TEMPLATE_HASH, HASH)
_HASH = "its controller finds its pods by it: the pod would be let go, and another one started in its place"


def _keys_of_nobody_else(values: Values) -> Iterator[Fault]:
    """No key of `active_metadata` or `preview_metadata` is given to the pods by something else."""
    elsewhere = dict(_elsewhere(values))
    for role, part, found in _given(values):
        for key in found:
            if key.startswith(_OURS) and (part == "labels" or key.startswith(PREFIX)):
                why, fix = "selectors and gates go by it: pods would be found by nobody, or by somebody else", "a key"
            elif key in _OF_CONTROLLERS:
                why, fix = _HASH, "a key"
            elif place := elsewhere.get((part, key)):
                why = f"{place} gives it to every pod: it would be taken off when the role changes"
                fix = "one of the two places, or a key"
            else:
                continue
            yield Fault((role, part, key), f"{key} is given to pods already", why, f"choose {fix} of your own")


def _elsewhere(values: Values) -> Iterator[tuple[tuple[str, str], str]]:
    """Each label and annotation that the settings give to every pod -> where."""
    for key in values["pod_labels"]:
        yield ("labels", key), "pod_labels"
    for at, fragment, _ in fragments_of(values):
        for part in ("labels", "annotations"):
            given = (fragment.get("metadata") or {}).get(part)
            for key in given if isinstance(given, Mapping) else ():
                yield (part, key), ".".join(map(str, at))


def _annotations_fit(values: Values) -> Iterator[Fault]:
    """The annotations of a role hold at most 128 KiB."""
    for role, part, found in _given(values):
        size = sum(len(key.encode()) + len(value.encode()) for key, value in found.items())
        if part == "annotations" and size > MAX_ANNOTATIONS_BYTES:
            yield Fault(
                (role, part),
                f"the annotations have {size:,} bytes, more than {MAX_ANNOTATIONS_BYTES:,}",
                "the API server takes 256 KiB on a pod, those of all other writers included",
                "keep what is large in a ConfigMap, and its name here",
            )


def _every_pod_gets_it(values: Values) -> Iterator[Fault]:
    """`active_metadata` and `preview_metadata` under an autoscaler need `workload: replica-set`."""
    if values["workload"] != "deployment" or not scaling_of(values["autoscale"], values["autoscaler"]):
        return
    for role in ROLE_KEYS:
        if values[role] is not None:
            yield Fault(
                (role,),
                f"{role} is set, and an autoscaler chooses the pods of a Deployment",
                "a change of a Deployment's template restarts its pods, so those that the autoscaler adds would lack "
                "it until the next `up`: metrics by role would be wrong for hours",
                f"set workload: replica-set, whose pods are born with it, or remove {role}",
            )


def _given(values: Values) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    for role in ROLE_KEYS:
        metadata: RoleMetadata | None = values[role]
        if metadata is not None:
            yield role, "labels", metadata.labels
            yield role, "annotations", metadata.annotations


ROLE_RULES: tuple[Rule, ...] = (
    Rule((*ROLE_KEYS, "pod_labels", "pod", "blue", "green"), _keys_of_nobody_else),
    Rule(ROLE_KEYS, _annotations_fit),
    Rule((*ROLE_KEYS, "workload", "autoscale", "autoscaler"), _every_pod_gets_it),
)
