"""The entry of the blue/green strategy in the registry."""

from collections.abc import Mapping
from typing import Any

from components.rules.names import service_names, workload_name
from components.strategies.blue_green.component import BlueGreenService
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.strategy import Objects, Strategy
from contract.releases import COLORS
from contract.strategies import BLUE_GREEN


def objects(name: str, settings: BlueGreenSettings) -> Objects:
    """See Strategy."""
    releases = {color: settings.release(color) for color in COLORS}
    deployments = tuple(workload_name(name, color, release.id) for color, release in releases.items() if release)
    belong = ", ".join(f"{name}-{word}" for word in (*COLORS, "all"))
    services = service_names(name, both_colors=settings.expose_both)
    return Objects((*services, *settings.services), deployments, ", ".join((belong, *settings.services)))


def deploy(name: str, settings: BlueGreenSettings, namespace: str) -> Mapping[str, Any]:
    """See Strategy."""
    return BlueGreenService(name, settings, namespace=namespace).outputs


STRATEGY = Strategy(BLUE_GREEN, "Blue/green service", BlueGreenSettings, objects, deploy)
