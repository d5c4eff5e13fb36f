"""The entry of the side-by-side strategy in the registry."""

from collections.abc import Mapping
from typing import Any

from components.rules.names import version_name
from components.strategies.strategy import Objects, Strategy
from components.strategies.versions.component import SideBySide
from components.strategies.versions.settings import SideBySideSettings
from contract.strategies import SIDE_BY_SIDE


def objects(name: str, settings: SideBySideSettings) -> Objects:
    """See Strategy."""
    versions = tuple(version_name(name, key) for key in settings.versions)
    return Objects((name, *versions), versions, ", ".join((name, *versions)))


def deploy(name: str, settings: SideBySideSettings, namespace: str) -> Mapping[str, Any]:
    """See Strategy."""
    return SideBySide(name, settings, namespace=namespace).outputs


STRATEGY = Strategy(SIDE_BY_SIDE, "Side-by-side service", SideBySideSettings, objects, deploy)
