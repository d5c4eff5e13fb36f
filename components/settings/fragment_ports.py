"""The guard rail of the ports in `pod`: a Service and a probe find the application's ports by their names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.podspec.merge import DIRECTIVE, merged
from components.settings.base import Fault, Values
from components.settings.fragment import Path, fragments_of
from contract.labels import CONTAINER

Json = Mapping[str, Any]
_BY_NAME = "the Services and the probes ask for the port by that name: no request would arrive"


def ports_of_app(entry: Json, at: Path, values: Values) -> Iterator[Fault]:
    """The ports that Services and probes ask for by name stay what they are, and each name is of one port."""
    wanted = _wanted(values)
    entries = entry.get("ports", [])
    replaced = entries is None or any(one.get(DIRECTIVE) == "replace" for one in entries)
    left = dict(wanted) if replaced else {}
    for place, one in enumerate(entries or ()):
        port = one.get("containerPort")
        if port not in wanted and one.get("name") in wanted.values() and DIRECTIVE not in one:
            yield Fault(
                (*at, "ports", place, "name"),
                f"port {port} is called {one['name']}, as another port of {CONTAINER} is",
                "the API server refuses two ports of one name in a container",
                "choose another name for it, or another port_name beside pod",
            )
        if port not in wanted or one.get("protocol", "TCP") != "TCP":
            continue
        name = wanted[port]
        if one.get(DIRECTIVE) == "delete" or one.get("name", name) != name:
            yield Fault(
                (*at, "ports", place, "name" if "name" in one else DIRECTIVE),
                f"port {port} loses its name {name!r}",
                _BY_NAME,
                "remove it; the names are those of port_name and ports beside pod",
            )
        elif one.get("name") == name:
            left.pop(port, None)
    for port, name in left.items():
        yield Fault(
            (*at, "ports"),
            f"the ports are replaced, and port {port} is not among them as {name!r}",
            _BY_NAME,
            f"add {{containerPort: {port}, name: {name}, protocol: TCP}}",
        )


def names_are_found_in_app(values: Values) -> Iterator[Fault]:
    """No container before the application's own has a port of a name that the Services ask for: they would send there.
    Kubernetes takes the first container that has the name, and looks at native sidecars last.
    """
    wanted = set(_wanted(values).values())
    every = list(fragments_of(values))
    own = [(at, fragment) for at, fragment, release in every if release]
    shared = [(at, fragment) for at, fragment, release in every if not release]
    said: set[Path] = set()
    for stack in [[*shared, each] for each in own] or [shared]:
        for at, name, port in _first(stack, wanted):
            if at not in said:
                said.add(at)
                yield Fault(
                    at,
                    f"the container {name} stands before {CONTAINER}, and its port {port['containerPort']} is called "
                    f"{port['name']} too",
                    "a Service sends to the first container that has the name: requests would go to this one",
                    f"name {CONTAINER} before it in containers, give this port another name, or choose another "
                    f"{'port_name' if port['name'] == values['port_name'] else 'key in ports'}",
                )


def _first(stack: Sequence[tuple[Path, Json]], wanted: set[str]) -> Iterator[tuple[Path, str, Json]]:
    """The ports before those of the application that have one of the names: where each is, its container, itself."""
    pod: Json = {"spec": {"containers": [{"name": CONTAINER}]}}
    for _, fragment in stack:
        pod = merged(pod, fragment)
    names = [one["name"] for one in (pod.get("spec") or {}).get("containers") or ()]
    if CONTAINER not in names or not any(CONTAINER in _containers(fragment) for _, fragment in stack):
        return  # another fault; or it comes first, as no fragment says where it stands
    for container in pod["spec"]["containers"][: names.index(CONTAINER)]:
        for port in container.get("ports") or ():
            if port.get("name") in wanted and port.get("protocol", "TCP") == "TCP":
                yield from _place(stack, container["name"], port)


def _place(stack: Sequence[tuple[Path, Json]], name: str, port: Json) -> Iterator[tuple[Path, str, Json]]:
    """The last fragment that gives the port of that container its name."""
    for at, fragment in reversed(stack):
        number, entry = _containers(fragment).get(name, (0, {}))
        for place, one in enumerate(entry.get("ports") or ()):
            if (one.get("containerPort"), one.get("name")) == (port["containerPort"], port["name"]):
                yield (*at, "spec", "containers", number, "ports", place, "name"), name, port
                return


def _containers(fragment: Json) -> dict[str, tuple[int, Json]]:
    entries = (fragment.get("spec") or {}).get("containers") or ()
    return {one["name"]: (number, one) for number, one in enumerate(entries) if "name" in one}


def _wanted(values: Values) -> dict[int, str]:
    """The TCP ports of the application that Services and probes ask for, by their numbers."""
    found = {number: name for name, number in values["ports"].items()} | {values["port"]: values["port_name"]}
    found.pop(None, None)  # a worker's
    return found
