"""The keyword arguments of the component: its settings, field by field (a test compares them), and its place."""

from typing import Required

from components.settings.smoke import SmokeCheck
from components.strategies.arguments import Place
from components.strategies.environments.settings import BuildSettings


class EnvironmentsFields(Place, total=False):
    """The fields of `EnvironmentsSettings` as keyword arguments, and the place."""

    active: Required[str]
    builds: Required[dict[str, BuildSettings]]
    fronts: tuple[str, ...] | None
    smoke: dict[str, SmokeCheck]
    recycle: bool
    gate_timeout_seconds: int
