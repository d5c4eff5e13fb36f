"""A KEDA ScaledObject as `autoscaler`: what it has to say, and what the release logic needs to know of it.

It is no type of Kubernetes, so its fields are not known here: the API server checks them against the cluster's own
definition, in a preview too. What decides about pods that serve is checked here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from components.settings.base import Fault, Rule, Values

KIND, API_VERSION = "ScaledObject", "keda.sh/v1alpha1"
MOST = 100  # pods, unless `maxReplicaCount` says otherwise
_PARTS = ("apiVersion", "kind", "metadata", "spec")
_PAUSED = "autoscaling.keda.sh/paused"

JSON_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["kind", "spec"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": API_VERSION},
        "kind": {"const": KIND},
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "required": ["minReplicaCount", "triggers"],
            "properties": {
                "minReplicaCount": {"type": "integer", "minimum": 1},
                "maxReplicaCount": {"type": "integer", "minimum": 1},
                "triggers": {"type": "array", "items": {"type": "object"}, "minItems": 1},
            },
        },
    },
}
"""What an editor checks and completes."""


def is_scaled_object(fragment: Mapping[str, Any]) -> bool:
    """Whether the fragment of an autoscaler is a ScaledObject."""
    return fragment.get("kind") == KIND


def counts(fragment: Mapping[str, Any]) -> tuple[int, int] | None:
    """The fewest and the most pods; None where they are none."""
    spec = fragment.get("spec")
    if not isinstance(spec, Mapping):
        return None
    found = spec.get("minReplicaCount"), spec.get("maxReplicaCount", MOST)
    return found if all(isinstance(one, int) and not isinstance(one, bool) for one in found) else None  # type: ignore[return-value]


def shaped(fragment: Mapping[str, Any]) -> bool:
    """Whether its parts are mappings, so that more can be said of them."""
    meta, spec = fragment.get("metadata") or {}, fragment.get("spec")
    parts = [meta, spec, *((meta.get(key) or {}) for key in ("labels", "annotations") if isinstance(meta, Mapping))]
    return all(isinstance(one, Mapping) for one in parts)


def _scaled_object_is_whole(values: Values) -> Iterator[Fault]:
    """An `autoscaler` of the kind ScaledObject has `triggers` and a `minReplicaCount` of 1 or more (docs/beside.md)."""
    fragment = values["autoscaler"]
    if is_scaled_object(fragment):
        for at, what, why, fix in _faults(fragment, typed=values["autoscale"] is not None):
            yield Fault(("autoscaler", *at), what, why, fix)


def _faults(fragment: Mapping[str, Any], *, typed: bool) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    for key in fragment.keys() - set(_PARTS):
        yield (key,), f"{key!r} is no field of a ScaledObject", "the API server refuses it", f"use {', '.join(_PARTS)}"
    if fragment.get("apiVersion", API_VERSION) != API_VERSION:
        what = f"apiVersion is {fragment['apiVersion']!r}, and a ScaledObject is of {API_VERSION}"
        yield ("apiVersion",), what, "no other one is known to be scaled by", f"write {API_VERSION}, or leave it out"
    if typed:
        what = "a ScaledObject is set together with autoscale"
        why = "two autoscalers would set one number, each undoing what the other did"
        yield ("kind",), what, why, "keep one of the two: KEDA has a trigger `cpu`"
    if not shaped(fragment):
        why = "nobody could say which pods it is for, and by what they are scaled"
        yield ("spec",), "metadata or spec is no mapping, or spec is missing", why, "write spec: {minReplicaCount: …}"
        return
    spec = fragment["spec"]
    if not (isinstance(spec.get("triggers"), list) and spec["triggers"]):
        what, why = "triggers is missing, or no list", "nothing would ever scale the pods"
        yield ("spec", "triggers"), what, why, "name at least one trigger, as KEDA's page of its scaler has it"
    yield from _of_counts(fragment)
    if "idleReplicaCount" in spec:
        what = "idleReplicaCount is set: without events fewer pods than minReplicaCount would be left"
        why = "no gate could tell an idle service from one that lost its pods"
        yield ("spec", "idleReplicaCount"), what, why, "remove it; minReplicaCount is the fewest"
    for key in (fragment.get("metadata") or {}).get("annotations") or ():
        if key.startswith(_PAUSED):
            what, why = f"{key} is set in the config", "a cutover needs as many pods as serve, whatever their number is"
            yield ("metadata", "annotations", key), what, why, "remove it; set it by hand, for as long as it is needed"


def _of_counts(fragment: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    found = counts(fragment)
    if found is None or found[0] < 1:
        fewest = fragment["spec"].get("minReplicaCount")
        yield (
            ("spec", "minReplicaCount"),
            "minReplicaCount is missing: KEDA takes 0"
            if fewest is None
            else f"minReplicaCount is {fewest!r}, not 1 or more",
            "with no pod left nobody answers, and no gate could ever prove a release",
            "set minReplicaCount to 1 or more",
        )
    elif found[0] > found[1]:
        yield (
            ("spec", "minReplicaCount"),
            f"minReplicaCount is {found[0]}, more than maxReplicaCount of {found[1]}",
            "KEDA refuses such a ScaledObject",
            "swap the two, or raise maxReplicaCount",
        )


SCALED_OBJECT_RULES: tuple[Rule, ...] = (Rule(("autoscale", "autoscaler"), _scaled_object_is_whole),)
