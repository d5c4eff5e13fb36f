"""The keyword arguments of the component: its settings, field by field (a test compares them), and its place."""

from typing import Any, Required

from components.settings.autoscale import Autoscale
from components.settings.fields import PodFields
from components.settings.release import Release
from components.settings.smoke import SmokeCheck
from components.strategies.arguments import Place


class SideBySideFields(PodFields, Place, total=False):
    """The fields of `SideBySideSettings` as keyword arguments, and the place."""

    port: Required[int]
    versions: Required[dict[str, Release]]
    active: str | None
    replicas: int
    autoscale: Autoscale | None
    autoscaler: dict[str, Any]
    recycle: bool
    gate_timeout_seconds: int
    smoke: SmokeCheck | None
