"""The Service that gives each pod of a StatefulSet its address: which one it is, and whether it is made here. Pure."""

from components.rules.names import governing_name
from components.strategies.rolling.settings import RollingSettings


def governing(name: str, settings: RollingSettings) -> str:
    """The name of the governing Service."""
    return settings.governing_service or governing_name(name)


def governing_of(name: str, settings: RollingSettings) -> tuple[str, ...]:
    """The name where it is one more Service of this service; nothing where it is another that the settings name."""
    return (governing_name(name),) if settings.stateful and settings.governing_service is None else ()
