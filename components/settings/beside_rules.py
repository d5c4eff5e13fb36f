"""Guard rails of `service`, `services`, `autoscaler` and `budget`: what the release logic decides stays decided, and no
field has two sources.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from components.podspec.check import findings
from components.podspec.merge import DIRECTIVE
from components.settings.base import Fault, Rule, Values
from components.settings.fragment import AUTOSCALER, BUDGET, SERVICE, Path
from components.settings.scaled_object import SCALED_OBJECT_RULES, is_scaled_object, shaped
from contract.annotations import PREFIX

OUR_LABELS = ("app.kubernetes.io/", PREFIX)
OUR_ANNOTATIONS = ("pulumi.com/", PREFIX)
_KINDS = {"service": SERVICE, "autoscaler": AUTOSCALER, "budget": BUDGET}
_NAMED = {
    "name": "the program names its objects, and finds them by their names",
    "namespace": "all objects of a stack are in one namespace, `cutover:namespace`",
}


def fragments_beside(values: Values) -> Iterator[tuple[Path, str, Any]]:
    """Each fragment of an object beside the pods: where it is, the type that it is of, and what it says."""
    for key, kind in _KINDS.items():
        if values.get(key) and not (key == "autoscaler" and is_scaled_object(values[key])):
            yield (key,), kind, values[key]
    for name, fragment in values["services"].items():
        yield ("services", name), SERVICE, fragment


def sound(values: Values) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    """The same without those that Kubernetes does not know."""
    return (each for each in fragments_beside(values) if not findings(each[2], each[1]))


def _known_to_kubernetes(values: Values) -> Iterator[Fault]:
    """`service`, `services`, `autoscaler` and `budget` hold fields as Kubernetes names them (docs/beside.md)."""
    for at, kind, fragment in fragments_beside(values):
        for found in findings(fragment, kind, str(at[-1])):
            fix = found.fix
            if found.at[:1] == ("metadata",) and found.at[-1] in _NAMED and "is no field" in found.what:
                fix = f"remove it; {_NAMED[str(found.at[-1])]}"
            yield Fault((*at, *found.at), found.what, found.why, fix)


def _decided_by_the_program(values: Values) -> Iterator[Fault]:
    """Fragments beside the pods leave alone what finds the pods, and the labels and annotations of the program."""
    for at, _, fragment in (*sound(values), *_scaled_object(values)):
        yield from _whole(at, fragment)
        metadata, spec = fragment.get("metadata") or {}, fragment.get("spec") or {}
        for part, ours in (("labels", OUR_LABELS), ("annotations", OUR_ANNOTATIONS)):
            for key in metadata.get(part) or ():
                if key.startswith(ours):
                    yield Fault(
                        (*at, "metadata", part, key),
                        f"{key} is one of the {part} that the program gives to its objects",
                        "gates and `cutover status` go by it: the object would be taken for another one",
                        "remove it; choose a key of your own",
                    )
        for field in ("selector", "scaleTargetRef"):
            if field in spec:
                yield Fault(
                    (*at, "spec", field),
                    f"{field} is set in {at[0]}",
                    "it says which pods the object is for, and that is what a cutover moves",
                    "remove it; the program finds the pods of the service",
                )
        for field in _NAMED.keys() & metadata.keys() if is_scaled_object(fragment) else ():
            yield Fault(
                (*at, "metadata", field),
                f"{field} is set in {at[0]}",
                "the object is one of the program's",
                f"remove it; {_NAMED[field]}",
            )


def _scaled_object(values: Values) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    fragment = values.get("autoscaler") or {}
    if is_scaled_object(fragment) and shaped(fragment):
        yield ("autoscaler",), fragment["kind"], fragment


_WHOLE: tuple[tuple[str, ...], ...] = (
    (),
    ("metadata",),
    ("metadata", "labels"),
    ("metadata", "annotations"),
    ("spec",),
)


def _whole(at: Path, fragment: Mapping[str, Any]) -> Iterator[Fault]:
    for path in _WHOLE:
        found: Any = fragment
        for name in path:
            found = found.get(name, {}) if isinstance(found, Mapping) else {}
        why = "what finds the pods, or the object itself, would go with the rest"
        if found is None:
            yield Fault((*at, *path), f"{path[-1]} is taken away", why, f"remove {path[-1]} here")
        elif DIRECTIVE in found:
            owner = path[-1] if path else at[-1]
            what = f"{DIRECTIVE} is set for all of {owner}"
            yield Fault((*at, *path, DIRECTIVE), what, why, "remove it; name the fields that change")


def _autoscaler_is_whole(values: Values) -> Iterator[Fault]:
    """`autoscaler` has `spec.maxReplicas`, unless `autoscale` says it; and says nothing that `autoscale` says."""
    if not any(at == ("autoscaler",) for at, _, _ in sound(values)):
        return
    scale, spec = values["autoscale"], values["autoscaler"].get("spec") or {}
    said = {"minReplicas": "autoscale.min_replicas", "maxReplicas": "autoscale.max_replicas"}
    if scale and "cpu_percent" in scale.model_fields_set:
        said["metrics"] = "autoscale.cpu_percent"
    for field, key in said.items() if scale else ():
        if field in spec:
            yield Fault(
                ("autoscaler", "spec", field),
                f"{field} is given here and by {key}",
                "two places would say two things about one field, and a change of one would do nothing",
                f"keep one of the two: remove it here, or remove {key}",
            )
    if not scale and spec.get("maxReplicas") is None:
        yield Fault(
            ("autoscaler", "spec", "maxReplicas"),
            "maxReplicas is not given, and there is no autoscale that says it",
            "nobody could say how many pods there may be at most: the API server refuses the autoscaler",
            "add maxReplicas, or autoscale: {min_replicas: …, max_replicas: …}",
        )
    elif not scale and (spec.get("minReplicas", 1) or 0) < 1:
        yield Fault(
            ("autoscaler", "spec", "minReplicas"),
            "minReplicas is less than 1",
            "with no pod left nobody answers, and no gate could ever prove a release",
            "set minReplicas to 1 or more",
        )


def _rule(check: Callable[[Values], Iterator[Fault]], *needs: str) -> Rule:
    return Rule(("service", "services", "budget", *needs), check)


BESIDE_RULES: tuple[Rule, ...] = (
    _rule(_known_to_kubernetes),
    _rule(_decided_by_the_program),
)
AUTOSCALER_RULES: tuple[Rule, ...] = (
    _rule(_autoscaler_is_whole, "autoscale", "autoscaler"),
    *SCALED_OBJECT_RULES,
)
