"""The keyword arguments of the component: its settings, field by field (a test compares them), and its place."""

from typing import Any, Literal, Required

from components.settings.autoscale import Autoscale
from components.settings.fields import PodFields
from components.settings.release import Release
from components.settings.release_job import ReleaseJob
from components.settings.smoke import SmokeCheck
from components.strategies.arguments import Place
from components.strategies.rolling.settings import ClaimRetention


class RollingFields(PodFields, Place, total=False):
    """The fields of `RollingSettings` as keyword arguments, and the place."""

    port: int | None
    workload: Literal["deployment", "stateful-set"]
    replicas: int
    volume_claims: dict[str, dict[str, Any]]
    claim_retention: ClaimRetention
    pod_management: Literal["ordered", "parallel"]
    partition: int
    governing_service: str | None
    update: Literal["rolling", "recreate"]
    autoscale: Autoscale | None
    autoscaler: dict[str, Any]
    smoke: SmokeCheck | None
    release: Required[Release]
    before_cutover: ReleaseJob | None
    after_cutover: ReleaseJob | None
