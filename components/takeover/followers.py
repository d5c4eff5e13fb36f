"""Label selectors by which pods ask for others, such as anti-affinity, with the labels that new pods have. Pure.

Charts let every selector ask for `app.kubernetes.io/instance`, a label that the program gives itself: to new pods, with
the name of their service. A selector that found the pods of its own workload goes on finding them; one that found
others is listed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from components.takeover.selectors import matches
from components.takeover.templates import is_ours
from contract.labels import INSTANCE

Json = dict[str, Any]
_SELECTOR = "labelSelector"


def following(template: Json, service: str) -> Json:
    """The pod template whose selectors of its own pods find those of the service."""
    labels = (template.get("metadata") or {}).get("labels") or {}
    spec: Json = _followed(template["spec"], labels, service)
    return {**template, "spec": spec}


def strayed(template: Json) -> list[str]:
    """The paths of selectors that ask for a label of the program's, and that did not find the pods themselves."""
    labels = (template.get("metadata") or {}).get("labels") or {}
    found = _selectors(template["spec"], "spec.template.spec")
    return [path for path, selector in found if ours_in(selector) and not matches(selector, labels)]


def ours_in(selector: Any) -> list[str]:
    """What a label selector, or that of a Service, asks for of the labels that the program gives itself."""
    if not isinstance(selector, Mapping):
        return []
    wanted = selector.get("matchLabels") if "matchLabels" in selector else selector
    plain = [f"{key}={value}" for key, value in wanted.items() if is_ours(key)] if isinstance(wanted, Mapping) else []
    expressions = selector.get("matchExpressions")
    keys = [one.get("key") for one in expressions if isinstance(one, Mapping)] if isinstance(expressions, list) else []
    return plain + [key for key in keys if isinstance(key, str) and is_ours(key)]


def _followed(value: Any, labels: Mapping[str, Any], service: str) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _renewed(inner, service)
            if name == _SELECTOR and matches(inner, labels)
            else _followed(inner, labels, service)
            for name, inner in value.items()
        }
    return [_followed(inner, labels, service) for inner in value] if isinstance(value, list) else value


def _renewed(selector: Json, service: str) -> Json:
    """The selector with the service in place of the old instance, and without the other labels of the program."""
    made = dict(selector)
    if wanted := selector.get("matchLabels"):
        kept = {key: service if key == INSTANCE else value for key, value in wanted.items()}
        made["matchLabels"] = {key: value for key, value in kept.items() if key == INSTANCE or not is_ours(key)}
    if expressions := selector.get("matchExpressions"):
        made["matchExpressions"] = [
            {**one, "values": [service]} if one["key"] == INSTANCE and one["operator"] == "In" else one
            for one in expressions
            if one["key"] == INSTANCE or not is_ours(one["key"])
        ]
    return made


def _selectors(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    items = value.items() if isinstance(value, Mapping) else ()
    for name, inner in items:
        if name == _SELECTOR:
            yield f"{path}.{name}", inner
        else:
            yield from _selectors(inner, f"{path}.{name}")
    for place, inner in enumerate(value if isinstance(value, list) else ()):
        yield from _selectors(inner, f"{path}[{place}]")
