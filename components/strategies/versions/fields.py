"""The settings as keyword arguments of the component: same names, same types, same meaning (a test compares them)."""

from typing import Any, Required

from components.settings.autoscale import Autoscale
from components.settings.fields import PodFields
from components.settings.release import Release
from components.settings.smoke import SmokeCheck


class SideBySideFields(PodFields, total=False):
    """See `SideBySideSettings`."""

    port: Required[int]
    versions: Required[dict[str, Release]]
    active: str | None
    replicas: int
    autoscale: Autoscale | None
    autoscaler: dict[str, Any]
    recycle: bool
    gate_timeout_seconds: int
    smoke: SmokeCheck | None
