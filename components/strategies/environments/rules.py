"""Cross-field rules of environments: the same services at the same ports, and one that takes the traffic."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from components.settings.base import Fault, Rule, Values
from components.settings.service_rules import one_of_many
from contract.strategies import BLUE_GREEN

_OWN = ("before_cutover", "after_cutover", "adopt_service")  # of a service that no front is over


def _active_is_a_build(values: Values) -> Iterator[Fault]:
    """`active` must be one of `builds`."""
    active, builds = values["active"], values["builds"]
    if active not in builds:
        yield Fault(
            ("active",),
            f"active is {active}, which is none of the builds ({', '.join(builds)})",
            "the fronts would select no pod: every request would fail",
            f"set active to one of {', '.join(builds)}; put {active} back under builds to send to it again",
        )


def _fronts_everywhere(values: Values) -> Iterator[Fault]:
    """Every environment must have the services of `fronts`."""
    for number, front in enumerate(values["fronts"] or ()):
        if lacking := [name for name, build in values["builds"].items() if front not in build.services]:
            yield Fault(
                ("fronts", number),
                f"{front!r} is a front, and {', '.join(lacking)} has no such service",
                "a switch there, or back there in a hurry, would leave its clients without an answer",
                f"add {front} to {', '.join(lacking)}, or remove it from fronts",
            )


def _smoke_of_a_service(values: Values) -> Iterator[Fault]:
    """`smoke` names services of the environments."""
    known = {name: None for build in values["builds"].values() for name in build.services}
    for name in values["smoke"]:
        if name not in known:
            yield Fault(
                ("smoke", name),
                f"{name!r} is a service of no environment",
                "the check would promise what nothing does",
                f"name one of {', '.join(known)}",
            )


def _called(values: Values) -> Iterator[Fault]:
    """A service of an environment has a `port` and pods: it stands behind a front."""
    for environment, build in values["builds"].items():
        for name, service in build.services.items():
            if service.port is None:
                yield Fault(
                    ("builds", environment, "services", name, "port"),
                    "port is not set",
                    "a front sends to each service of an environment, and this one has no port to send to",
                    "add port, or make it a service of its own, outside of the environments",
                )
            if service.fewest < 1:
                yield Fault(
                    ("builds", environment, "services", name, "replicas"),
                    "replicas is 0",
                    "a front that moves here would send to nobody",
                    "set replicas to 1 or more, or remove the service from the environment",
                )


_ALIKE = {
    "service_port": (
        "service_port is {own}, and {first} in {where}",
        "the front's port would change with the switch, and its clients would find the old one closed",
        "set service_port to {first} in both; port, where the container listens, may differ",
    ),
    "service": (
        "service is another one than in {where}",
        "the front would change its type or its ports with the switch, and its clients would notice",
        "write the same service in both",
    ),
    "ports": (
        "ports are other ones than in {where}",
        "the front's ports would change with the switch, and its clients would find the old ones closed",
        "write the same ports in both",
    ),
}
"""What a front takes from the service that it stands before -> what is wrong where two differ, why, and the fix."""


def _one_port_per_front(values: Values) -> Iterator[Fault]:
    """A service has the same `service_port`, `ports` and `service` in every environment."""
    seen: dict[tuple[str, str], tuple[str, Any]] = {}
    for environment, build in values["builds"].items():
        for name, service in build.services.items():
            for field, (what, why, fix) in _ALIKE.items():
                own = getattr(service, field)
                where, first = seen.setdefault((name, field), (environment, own))
                if own != first:
                    told = {"own": own, "first": first, "where": where}
                    at = ("builds", environment, "services", name, field)
                    yield Fault(at, what.format(**told), why, fix.format(**told))


def _plain_services(values: Values) -> Iterator[Fault]:
    """Their services have no `cutover: labels`, `route`, `canary`, Jobs around a release or `rollback`, and adopt
    nothing.
    """
    for environment, build in values["builds"].items():
        for name, service in build.services.items():
            at: tuple[str, ...] = ("builds", environment, "services", name)
            slots = ("blue", "green") if service.strategy == BLUE_GREEN else ("release",)
            given: list[tuple[str, ...]] = [
                (*at, slot, key)
                for slot in slots
                for key in ("rollback", "adopt")
                if getattr(getattr(service, slot), key, None)
            ]
            given += [(*at, key) for key in _OWN if getattr(service, key)]
            if service.strategy == BLUE_GREEN and service.cutover == "labels":
                given.append((*at, "cutover"))
            if service.strategy == BLUE_GREEN:
                given += [(*at, key) for key in ("route", "canary") if getattr(service, key)]
            if service.strategy == "rolling" and service.smoke:
                given.append((*at, "smoke"))
            for path in given:
                yield Fault(
                    path,
                    f"{path[-1]} is set on a service of an environment",
                    "it is about the service's own releases, and the fronts move past it",
                    f"remove {path[-1]}; services outside of environments can have it",
                )


def _addresses_of_one(values: Values) -> Iterator[Fault]:
    """`service` sets no address that only one Service can have; there are no further `services`."""
    for environment, build in values["builds"].items():
        for name, service in build.services.items():
            for fault in one_of_many(service.service, service.services):
                yield replace(fault, at=("builds", environment, "services", name, *fault.at))


ENVIRONMENTS_RULES: tuple[Rule, ...] = (
    Rule(("active", "builds"), _active_is_a_build),
    Rule(("fronts", "builds"), _fronts_everywhere),
    Rule(("smoke", "builds"), _smoke_of_a_service),
    Rule(("builds",), _called),
    Rule(("builds",), _one_port_per_front),
    Rule(("builds",), _plain_services),
    Rule(("builds",), _addresses_of_one),
)
