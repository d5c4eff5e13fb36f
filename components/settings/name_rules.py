"""No two objects of one name: what each service makes, computed by the functions that the components name them with."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from components.rules.names import COLORS, service_names, version_name, workload_name
from components.settings.base import Fault, Values


def services_of(name: str, service: Any) -> tuple[str, ...]:
    """The Services that a service of this name makes, the one of its own name first."""
    if service.strategy == "blue-green":
        return service_names(name, both_colors=service.expose_both)
    if service.strategy == "side-by-side":
        return (name, *(version_name(name, key) for key in service.versions))
    return (name,)


def deployments_of(name: str, service: Any) -> tuple[str, ...]:
    """The Deployments that it makes."""
    if service.strategy == "blue-green":
        releases = {color: service.release(color) for color in COLORS}
        return tuple(workload_name(name, color, release.id) for color, release in releases.items() if release)
    return services_of(name, service)[1:] if service.strategy == "side-by-side" else (name,)


def no_shared_names(values: Values) -> Iterator[Fault]:
    """No two services may make a Service or a Deployment of one name: `shop` makes `shop-blue` and `shop-green` too."""
    services = values["services"]
    for first, second in combinations(services, 2):
        made = {name: services_of(name, services[name]) for name in (first, second)}
        kind, shared = "Service", sorted(set(made[first]) & set(made[second]))
        if not shared:
            rolled = {name: deployments_of(name, services[name]) for name in (first, second)}
            kind, shared = "Deployment", sorted(set(rolled[first]) & set(rolled[second]))
        for name in shared:
            owner, guest = (first, second) if name == second else (second, first)
            yield Fault(
                ("services", guest),
                f"{guest!r} and {owner!r} would both make a {kind} named {name!r}",
                "the two would overwrite each other, and requests would reach the wrong application",
                f"rename {guest!r}; {_belonging(owner, services[owner])} belong to {owner!r}",
            )


def _belonging(name: str, service: Any) -> str:
    if service.strategy == "blue-green":
        return ", ".join(f"{name}-{word}" for word in (*COLORS, "all"))
    return ", ".join(services_of(name, service))
