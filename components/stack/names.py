"""The rule against name clashes: the objects of each service, named by the functions that the components use."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from components.rules.names import environment_name
from components.settings.base import Fault, Values
from components.strategies.registry import strategy_of
from components.strategies.strategy import Objects


@dataclass(frozen=True)
class _Maker:
    """Something of the config that makes Services and Deployments."""

    at: tuple[str, ...]
    called: str
    objects: Objects

    @property
    def services(self) -> tuple[str, ...]:
        return self.objects.services

    @property
    def deployments(self) -> tuple[str, ...]:
        return self.objects.deployments


def no_shared_names(values: Values) -> Iterator[Fault]:
    """No two may make a Service, workload or claim of one name: `shop` makes `shop-blue`, in `coco-1` `shop-coco-1`."""
    makers = list(_makers(values))
    for maker in makers:
        for name in sorted({one for one in maker.services if maker.services.count(one) > 1}):
            yield Fault(
                (*maker.at, "services", name),
                f"{maker.called} makes a Service named {name!r} itself",
                "the two would overwrite each other, and requests would reach pods that are not meant",
                f"choose another name; or write what it is to be as service beside services, where {name!r} is the one "
                "that clients send to",
            )
    for first, second in combinations(makers, 2):
        kind, shared = "Service", sorted(set(first.services) & set(second.services))
        if not shared:
            kind, shared = "Deployment", sorted(set(first.deployments) & set(second.deployments))
        if not shared:
            kind, shared = "claim", sorted(set(first.objects.claims) & set(second.objects.claims))
        for name in shared:
            owner, guest = (first, second) if name == second.services[0] else (second, first)
            yield Fault(
                guest.at,
                f"{guest.called} and {owner.called} would both make a {kind} named {name!r}",
                "the two would overwrite each other, and requests would reach the wrong application",
                f"rename {guest.called}; {owner.objects.belong} belong to {owner.called}",
            )


def _makers(values: Values) -> Iterator[_Maker]:
    for name, service in values["services"].items():
        yield _maker(("services", name), name, repr(name), service)
    environments = values["environments"]
    fronts: dict[str, tuple[str, ...]] = {}
    for build, settings in environments.builds.items() if environments else ():
        for name, service in settings.services.items():
            at = ("environments", "builds", build, "services", name)
            fronts.setdefault(name, at)
            yield _maker(at, environment_name(name, build), f"{name!r} of {build}", service)
    for name, where in fronts.items():
        yield _Maker(where, f"the front of {name!r}", Objects((name,), (), name))


def _maker(at: tuple[str, ...], name: str, called: str, service: Any) -> _Maker:
    return _Maker(at, called, strategy_of(service).objects(name, service))
