"""Services side by side and the fronts over them, as the file has them: which stand each front sends to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SERVICES = "cutover:services"


@dataclass(frozen=True)
class FrontView:
    """A Service that sends to one of several stands. `stands`: key -> instance label of its pods, which is the name of
    its service here too. `unit` is what moves together: the front itself, or all of the environments.
    """

    name: str
    active: str
    active_path: tuple[str, ...]
    stands: Mapping[str, str]
    unit: str


@dataclass(frozen=True)
class Beside:
    """One service as it stands beside others: its settings, and where the file has them and its releases."""

    settings: Mapping[str, Any]
    home: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]


def version_name(service: str, key: str) -> str:
    """As `components.rules.names` has it, for keys that the program takes."""
    return f"{service}-{key}"


def versions(name: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, Beside]]:
    """A side-by-side service's versions as the rolling services that they are."""
    found = settings.get("versions")
    shared = {key: value for key, value in settings.items() if key not in ("versions", "active", "strategy", "smoke")}
    home = (SERVICES, name)
    for key, release in found.items() if isinstance(found, dict) else ():
        one = {**shared, "strategy": "rolling", "release": release}
        yield version_name(name, str(key)), Beside(one, home, {"release": (*home, "versions", str(key))})


def fronts(services: Mapping[str, Any]) -> dict[str, FrontView]:
    """The fronts of side-by-side services, by name."""
    return {
        name: FrontView(
            name=name,
            active=str(settings["active"]),
            active_path=(SERVICES, name, "active"),
            stands={str(key): version_name(name, str(key)) for key in settings["versions"]},
            unit=name,
        )
        for name, settings in services.items()
        if is_side_by_side(settings) and settings.get("active") and isinstance(settings.get("versions"), dict)
    }


def is_side_by_side(settings: object) -> bool:
    """Whether a service of `cutover:services` has several versions."""
    return isinstance(settings, dict) and settings.get("strategy") == "side-by-side"
