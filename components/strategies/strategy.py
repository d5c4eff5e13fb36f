"""A strategy as the registry holds it: its key, its settings, the objects that it makes, how it is deployed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components.settings.pod import PodSettings


@dataclass(frozen=True)
class Objects:
    """The objects that a service of a strategy makes, by name, its own first. `belong` names all of its Services, for
    people; `claims` is what the names of the claims of its pods begin with.
    """

    services: tuple[str, ...]
    deployments: tuple[str, ...]
    belong: str
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Strategy:
    """A kind of service.

    `key` is its name in the config, `title` its heading in the reference. `objects` tells what a service of that name
    and these settings makes. `deploy` makes it in a namespace and returns what the stack exports of it.
    """

    key: str
    title: str
    settings: type[PodSettings]
    objects: Callable[[str, Any], Objects]
    deploy: Callable[[str, Any, str], Mapping[str, Any]]
