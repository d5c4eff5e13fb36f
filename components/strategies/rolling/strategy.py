"""The entry of the rolling strategy in the registry."""

from collections.abc import Mapping
from typing import Any

from components.rules.names import rolling_name
from components.strategies.rolling.component import RollingApp
from components.strategies.rolling.governing import governing_of
from components.strategies.rolling.settings import RollingSettings
from components.strategies.strategy import Objects, Strategy
from contract.strategies import ROLLING


def objects(name: str, settings: RollingSettings) -> Objects:
    """See Strategy."""
    services = (name, *settings.services, *governing_of(name, settings))
    workload = rolling_name(name, stateful=settings.stateful)
    claims = tuple(f"{claim}-{workload}" for claim in settings.volume_claims)
    return Objects(services, (workload,), ", ".join(services), claims)


def deploy(name: str, settings: RollingSettings, namespace: str) -> Mapping[str, Any]:
    """See Strategy."""
    return RollingApp(name, settings, namespace=namespace).outputs


STRATEGY = Strategy(ROLLING, "Rolling service", RollingSettings, objects, deploy)
