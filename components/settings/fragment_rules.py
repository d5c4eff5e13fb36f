"""Guard rails of `pod`: what the release logic decides is not decided a second time, and no field has two sources."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from components.podspec.merge import DIRECTIVE
from components.settings.base import GIVEN, Fault, Rule, Values
from components.settings.fragment import Path, fragments_of
from components.settings.fragment_once import said_once
from components.settings.fragment_ports import names_are_found_in_app, ports_of_app
from components.settings.pod_rules import pause_seconds
from contract.annotations import PREFIX
from contract.labels import CONTAINER, INSTANCE, MANAGED_BY, VERSION

_OURS = (INSTANCE, VERSION, MANAGED_BY)  # and all that begins with PREFIX
_LEFT_OUT = "pods without it could not be told from those of another release"
_REPLACED = "the app container, its image and its drain would go with the rest"


def _decided_by_the_release(values: Values) -> Iterator[Fault]:
    """`pod` leaves alone what decides which release a pod is, when it gets traffic and how it stops."""
    for at, fragment, _ in fragments_of(values):
        yield from _whole(fragment, at)
        spec = fragment.get("spec") or {}
        for key in fragment_labels(fragment):
            if key.startswith(PREFIX) or key in _OURS:
                yield Fault(
                    (*at, "metadata", "labels", key),
                    f"{key} is a label that the program gives to its pods",
                    "selectors and gates go by it: pods of one release would be taken for those of another",
                    "remove it; choose a key of your own",
                )
        for key, allowed, why, fix in _SPEC:
            if key in spec and spec[key] != allowed:
                yield Fault((*at, "spec", key), f"{key} is set in pod", why, fix)
        for number, entry in enumerate(spec.get("containers") or ()):
            if entry.get("name") == CONTAINER:
                yield from _app(entry, (*at, "spec", "containers", number), values)
    yield from names_are_found_in_app(values)


_GRACE = "the gates wait for as long as termination_grace_seconds says: another number would cut requests off"
_SPEC: tuple[tuple[str, object, str, str], ...] = (
    ("terminationGracePeriodSeconds", ..., _GRACE, "remove it; write termination_grace_seconds beside pod"),
    ("restartPolicy", "Always", "the pods of a service never end: Kubernetes refuses another policy", "remove it"),
    ("schedulingGates", ..., "no pod of the release would start until somebody lifts them", "remove it"),
    ("activeDeadlineSeconds", ..., "pods that serve would be ended when it is over", "remove it"),
)


_WHOLE: tuple[tuple[str, ...], ...] = ((), ("metadata",), ("metadata", "labels"), ("spec",), ("spec", "containers"))


def _whole(fragment: Mapping[str, Any], at: Path) -> Iterator[Fault]:
    """What would take away, or put itself in the place of, more than its own entries."""
    for path in _WHOLE:
        why = _LEFT_OUT if "metadata" in path else _REPLACED
        found = _found(fragment, path)
        if found is None:
            yield Fault((*at, *path), f"{path[-1]} is taken away", why, f"remove {path[-1]} here")
        elif isinstance(found, list):
            for number, entry in enumerate(found):
                if entry.get(DIRECTIVE) == "replace":
                    place = (*at, *path, number, DIRECTIVE)
                    yield Fault(place, f"all {path[-1]} are replaced", why, "remove it; name the entries that change")
        elif DIRECTIVE in found:
            what = f"{DIRECTIVE} is set for all of {path[-1] if path else 'pod'}"
            yield Fault((*at, *path, DIRECTIVE), what, why, "remove it; name the fields that change")


def _found(fragment: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What is at a path; an empty mapping where nothing is, or where it ends before."""
    found: Any = fragment
    for number, name in enumerate(path):
        if name not in found or (found[name] is None and number < len(path) - 1):
            return {}
        found = found[name]
    return found


def _app(entry: Mapping[str, Any], at: Path, values: Values) -> Iterator[Fault]:
    """The entry of the application's own container."""
    if DIRECTIVE in entry:
        yield Fault((*at, DIRECTIVE), f"the container {CONTAINER} is replaced or deleted", _REPLACED, "remove it")
        return
    if "image" in entry:
        yield Fault(
            (*at, "image"),
            f"the image of the container {CONTAINER} is set in pod",
            "the gates count only pods with the image of the release: none would ever pass",
            "remove it; the image of the release is `image` beside its version and build",
        )
    if "readinessProbe" in entry:
        yield Fault(
            (*at, "readinessProbe"),
            f"the readiness probe of the container {CONTAINER} is set in pod",
            "it decides when a pod gets traffic, and `readiness` decides it already",
            "remove it; write it as readiness beside pod",
        )
    lifecycle = entry.get("lifecycle", {})
    pause = pause_seconds(values["drain_seconds"], values["port"], values[GIVEN])
    if pause and (lifecycle is None or {"preStop", DIRECTIVE} & set(lifecycle)):
        yield Fault(
            (*at, "lifecycle", "preStop") if lifecycle else (*at, "lifecycle"),
            f"the preStop of the container {CONTAINER} is set in pod while drain_seconds is {pause}",
            "without the pause that drain_seconds makes there, requests on their way find the pod gone",
            "remove it; or set drain_seconds: 0, and let your own preStop wait for longer than traffic takes to move",
        )
    yield from ports_of_app(entry, at, values)


def fragment_labels(fragment: Mapping[str, Any]) -> Mapping[str, Any]:
    """The labels that a fragment gives to pods."""
    return (fragment.get("metadata") or {}).get("labels") or {}


def _rule(check: Callable[[Values], Iterator[Fault]], *slots: str) -> Rule:
    needs = (
        "pod",
        "drain_seconds",
        "port",
        "port_name",
        "ports",
        "security",
        "resources",
        "writable_paths",
        "config_files",
    )
    return Rule(
        (*needs, "config", "secrets", "env", "liveness", "startup", "command", "args", "service_account", *slots), check
    )


def _rules(*slots: str) -> tuple[Rule, ...]:
    return (_rule(_decided_by_the_release, *slots), _rule(said_once, *slots))


BLUE_GREEN_FRAGMENT = _rules("blue", "green")
ROLLING_FRAGMENT = _rules("release")
SIDE_BY_SIDE_FRAGMENT = _rules("versions")
