"""The keyword arguments of the component: its settings, field by field (a test compares them), and its place."""

from typing import Any, Required

from components.settings.autoscale import Autoscale
from components.settings.fields import PodFields
from components.settings.release import Release
from components.settings.release_checks import CheckFields
from components.settings.role_metadata import RoleMetadata
from components.settings.route import Canary, Route
from components.strategies.arguments import Place
from components.strategies.blue_green.settings import Moved, WorkloadKind
from contract.releases import Color


class BlueGreenFields(PodFields, CheckFields, Place, total=False):
    """The fields of `BlueGreenSettings` as keyword arguments, and the place."""

    port: Required[int | None]
    active: Required[Color]
    workload: WorkloadKind
    cutover: Moved
    overlap_seconds: int
    replicas: int
    autoscale: Autoscale | None
    autoscaler: dict[str, Any]
    standby_replicas: int | None
    scale_down_after: str | None
    abort_on_deadline: bool
    route: Route | None
    canary: Canary | None
    blue: Release | None
    green: Release | None
    keep: int
    kept: tuple[Release, ...]
    allow_in_place_updates: bool
    recycle: bool
    active_metadata: RoleMetadata | None
    preview_metadata: RoleMetadata | None
    expose_both: bool
    gate_timeout_seconds: int
