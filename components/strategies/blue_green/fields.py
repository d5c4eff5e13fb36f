"""The keyword arguments of the component: its settings, field by field (a test compares them), and its place."""

from typing import Any, Literal, Required

from components.settings.autoscale import Autoscale
from components.settings.fields import PodFields
from components.settings.release import Release
from components.settings.release_job import ReleaseJob
from components.settings.route import Canary, Route
from components.settings.smoke import SmokeCheck, SmokeJob
from components.settings.verify import VerifyCommand
from components.strategies.arguments import Place
from contract.releases import Color


class BlueGreenFields(PodFields, Place, total=False):
    """See `BlueGreenSettings`."""

    port: Required[int | None]
    active: Required[Color]
    workload: Literal["deployment", "replica-set"]
    cutover: Literal["selector", "labels"]
    overlap_seconds: int
    replicas: int
    autoscale: Autoscale | None
    autoscaler: dict[str, Any]
    standby_replicas: int | None
    route: Route | None
    canary: Canary | None
    blue: Release | None
    green: Release | None
    allow_in_place_updates: bool
    recycle: bool
    expose_both: bool
    gate_timeout_seconds: int
    smoke: SmokeCheck | None
    smoke_job: SmokeJob | None
    verify: VerifyCommand | None
    verify_after: VerifyCommand | None
    before_cutover: ReleaseJob | None
    after_cutover: ReleaseJob | None
