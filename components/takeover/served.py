"""The container that a workload's Services send to, and its ports as settings. Pure.

A Service finds a named port in the first container that has the name, so the name of the served one has to be its own.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from components.settings.pod_rules import SERVICE_PORT
from components.takeover.workloads import name_of
from contract.labels import CONTAINER
from contract.serving import declared, serving, usual

Json = dict[str, Any]


@dataclass(frozen=True)
class Served:
    """Which container the Services send to, by its place, and the settings of its port; none for a worker."""

    container: int
    settings: Json
    service: str | None = None
    clear: bool = True


def served_of(template: Json, services: Sequence[Json], asked: str | None) -> Served:
    """What the first Service that sends somewhere by TCP sends to. `asked` is the name of a container, which counts
    where no port tells.
    """
    containers = template["spec"]["containers"]
    notes = (template.get("metadata") or {}).get("annotations")
    named = next((place for place, one in enumerate(containers) if one["name"] == asked), usual(containers, notes))
    for service in services:
        for port in service["spec"].get("ports") or []:
            if port.get("protocol", "TCP") != "TCP":
                continue
            target = port.get("targetPort", port["port"])
            place = serving(containers, target, notes, asked)
            if (found := declared(containers, target)) and place is not None:
                main = _port(found["containerPort"], _name(template["spec"], found), port["port"])
                further = _further(service, port, containers, place, main)
                return Served(place, main | ({"ports": further} if further else {}), name_of(service))
            if isinstance(target, int):  # a port that no container declares
                main = _port(target, _name(template["spec"], None), port["port"])
                return Served(named if place is None else place, main, name_of(service), place is not None)
    return Served(named, {})


def _port(number: int, name: str, service_port: int) -> Json:
    made: Json = {"port": number}
    if name != SERVICE_PORT:
        made["port_name"] = name
    return made | ({"service_port": service_port} if service_port != 80 else {})


def _name(pod: Json, port: Mapping[str, Any] | None) -> str:
    """The name of a port by which a Service finds it: its own, unless another container has that first."""
    if port and port.get("name") and _is_first(pod["containers"], port):
        return str(port["name"])
    taken = set(_names(pod))
    return next(name for name in _free() if name not in taken)


def _is_first(containers: Sequence[Json], port: Mapping[str, Any]) -> bool:
    return declared(containers, port["name"]) is port


def _free() -> Iterator[str]:
    yield from (SERVICE_PORT, CONTAINER)
    yield from (f"{CONTAINER}-{number}" for number in count(2))


def _names(pod: Json) -> Iterator[str]:
    for kind in ("containers", "initContainers"):
        for one in pod.get(kind) or ():
            yield from (port["name"] for port in one.get("ports") or () if "name" in port)


def _further(service: Json, first: Json, containers: Sequence[Json], place: int, main: Json) -> Json:
    """The other ports of a Service that are of the same container, under the same name and number in both."""
    made: Json = {}
    names = {main.get("port_name", SERVICE_PORT), SERVICE_PORT}
    numbers = {main["port"], main.get("service_port", 80)}
    for port in service["spec"]["ports"]:
        for one in containers[place].get("ports") or []:
            if port is not first and _same(port, one, names, numbers) and _is_first(containers, one):
                made[one["name"]] = port["port"]
                names.add(one["name"])
                numbers.add(port["port"])
    return made


def _same(port: Json, one: Json, names: Collection[str], numbers: Collection[int]) -> bool:
    """Whether a Service's port and one of the container can be one under `ports`, beside what is taken already."""
    name, number = one.get("name"), port["port"]
    same = one["containerPort"] == number and port.get("targetPort", number) in (name, number)
    free = name not in names and number not in numbers
    plain = {port.get("protocol", "TCP"), one.get("protocol", "TCP")} == {"TCP"}
    return bool(name) and port.get("name") == name and same and free and plain
