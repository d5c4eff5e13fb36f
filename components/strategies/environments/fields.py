"""The settings as keyword arguments of the component: same names, same types, same meaning (a test compares them)."""

from typing import Required, TypedDict

from components.settings.smoke import SmokeCheck
from components.strategies.environments.settings import BuildSettings


class EnvironmentsFields(TypedDict, total=False):
    """See `EnvironmentsSettings`."""

    active: Required[str]
    builds: Required[dict[str, BuildSettings]]
    fronts: tuple[str, ...] | None
    smoke: dict[str, SmokeCheck]
    recycle: bool
    gate_timeout_seconds: int
