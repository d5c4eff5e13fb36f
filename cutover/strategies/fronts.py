"""Services side by side and the fronts over them, as the file has them: which backend each front sends to."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.strategies import ROLLING, SIDE_BY_SIDE

SERVICES, GROUPS, ENVIRONMENTS = "cutover:services", "cutover:groups", "cutover:environments"
UNIT = "environments"  # what all fronts over environments are called together


@dataclass(frozen=True)
class FrontView(ABC):
    """A Service that sends to one of several backends. `backends`: key -> instance label of its pods, which is the name
    of its service here too. `unit` is what moves together: the front itself, or all of the environments.
    """

    name: str
    active: str
    active_path: tuple[str, ...]
    backends: Mapping[str, str]
    unit: str

    @property
    @abstractmethod
    def targets(self) -> Mapping[str, str]:
        """The names that a promotion takes -> the key that the front then sends to."""

    @property
    @abstractmethod
    def example(self) -> str:
        """A name that a promotion takes, for a fix."""

    @abstractmethod
    def active_in(self, services: Mapping[str, Any], environments: object) -> str | None:
        """The key that it sent to by the config of an earlier update; None where that had none."""


class VersionsFront(FrontView):
    """The front over the versions of one service, which moves alone."""

    @property
    def targets(self) -> Mapping[str, str]:
        """The versions by their own names: `api-v2`."""
        return {instance: key for key, instance in self.backends.items()}

    @property
    def example(self) -> str:
        """A name for a fix."""
        return f"{self.unit}-version"

    def active_in(self, services: Mapping[str, Any], environments: object) -> str | None:
        """The `active` that the service had."""
        return _active(services.get(self.name))


class EnvironmentsFront(FrontView):
    """A front over environments, which moves with all others."""

    @property
    def targets(self) -> Mapping[str, str]:
        """The environments: `coco-2`."""
        return {key: key for key in self.backends}

    @property
    def example(self) -> str:
        """A name for a fix."""
        return "environment"

    def active_in(self, services: Mapping[str, Any], environments: object) -> str | None:
        """The `active` that the environments had."""
        return _active(environments)


@dataclass(frozen=True)
class FrontMember:
    """One service as it stands beside others: its settings, and where the file has them and its releases."""

    settings: Mapping[str, Any]
    home: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]


def version_name(service: str, key: str) -> str:
    """The name of a version's service, as `components.rules.names` makes it."""
    return f"{service}-{key}"


def environment_name(service: str, environment: str) -> str:
    """The name of a service of an environment, likewise."""
    return f"{service}-{environment}"


def versions(name: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, FrontMember]]:
    """A side-by-side service's versions as the rolling services that they are."""
    found = settings.get("versions")
    shared = {key: value for key, value in settings.items() if key not in ("versions", "active", "strategy", "smoke")}
    home = (SERVICES, name)
    for key, release in found.items() if isinstance(found, dict) else ():
        one = {**shared, "strategy": ROLLING, "release": release}
        yield version_name(name, str(key)), FrontMember(one, home, {"release": (*home, "versions", str(key))})


def members(environments: object) -> Iterator[tuple[str, FrontMember]]:
    """The services of all environments, by the names of their Services."""
    for environment, services in _builds(environments).items():
        for name, settings in services.items():
            home = (ENVIRONMENTS, "builds", environment, "services", name)
            yield environment_name(name, environment), FrontMember(settings, home, {})


def environment_fronts(environments: object) -> dict[str, FrontView]:
    """The fronts over environments, by name."""
    found = environments if isinstance(environments, dict) else {}
    builds, active = _builds(environments), str(found.get("active"))
    named = found.get("fronts")
    return {
        name: EnvironmentsFront(
            name=name,
            active=active,
            active_path=(ENVIRONMENTS, "active"),
            backends={one: environment_name(name, one) for one, services in builds.items() if name in services},
            unit=UNIT,
        )
        for name in map(str, named if isinstance(named, list) else builds.get(active, ()))
    }


def _builds(environments: object) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Environment -> service -> its settings, as far as the file is of that shape."""
    builds = environments.get("builds") if isinstance(environments, dict) else None
    return {
        str(name): {str(one): settings for one, settings in build["services"].items() if isinstance(settings, dict)}
        for name, build in (builds.items() if isinstance(builds, dict) else ())
        if isinstance(build, dict) and isinstance(build.get("services"), dict)
    }


def fronts(services: Mapping[str, Any]) -> dict[str, FrontView]:
    """The fronts of side-by-side services, by name."""
    return {
        name: VersionsFront(
            name=name,
            active=str(settings["active"]),
            active_path=(SERVICES, name, "active"),
            backends={str(key): version_name(name, str(key)) for key in settings["versions"]},
            unit=name,
        )
        for name, settings in services.items()
        if is_side_by_side(settings) and settings.get("active") and isinstance(settings.get("versions"), dict)
    }


def _active(place: object) -> str | None:
    found = place.get("active") if isinstance(place, Mapping) else None
    return str(found) if found else None


def is_side_by_side(settings: object) -> bool:
    """Whether a service of `cutover:services` has several versions."""
    return isinstance(settings, dict) and settings.get("strategy") == SIDE_BY_SIDE
