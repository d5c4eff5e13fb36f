"""The settings as keyword arguments of the component: same names, same types, same meaning (a test compares them)."""

from typing import Any, Literal, Required

from components.settings.autoscale import Autoscale
from components.settings.fields import PodFields
from components.settings.release import Release
from components.settings.release_job import ReleaseJob
from components.strategies.rolling.settings import ClaimRetention


class RollingFields(PodFields, total=False):
    """See `RollingSettings`."""

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
    release: Required[Release]
    before_cutover: ReleaseJob | None
    after_cutover: ReleaseJob | None
