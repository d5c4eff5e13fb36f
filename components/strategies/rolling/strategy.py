"""Rolling, as the registry knows it."""

from collections.abc import Mapping
from typing import Any

from components.strategies.rolling.component import RollingApp
from components.strategies.rolling.settings import RollingSettings
from components.strategies.strategy import Objects, Strategy
from contract.strategies import ROLLING


def objects(name: str, settings: RollingSettings) -> Objects:
    """See Strategy."""
    return Objects((name, *settings.services), (name,), ", ".join((name, *settings.services)))


def deploy(name: str, settings: RollingSettings, namespace: str) -> Mapping[str, Any]:
    """See Strategy."""
    made = RollingApp(name, settings, namespace=namespace)
    return {"address": made.address, "release": made.release}


STRATEGY = Strategy(ROLLING, "Rolling service", RollingSettings, objects, deploy)
