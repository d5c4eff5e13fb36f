"""The fields of the models as keyword arguments, for the components' constructors: `**fields: Unpack[BlueGreenFields]`.

Same names, same types, same meaning as `BlueGreenSettings` and `RollingSettings` (a test compares them); only
`strategy` is missing, which the component itself stands for.
"""

from typing import Any, Literal, Required, TypedDict

from pydantic import SecretStr

from components.rules.images import Rewrites
from components.settings.environments import BuildSettings
from components.settings.pod import HttpProbe, Resources, Security
from components.settings.release import Release
from components.settings.release_job import ReleaseJob
from components.settings.services import Autoscale
from components.settings.smoke import SmokeCheck, SmokeJob
from components.settings.verify import VerifyCommand
from contract.releases import Color


class PodFields(TypedDict, total=False):
    """See `PodSettings`."""

    service_port: int
    port_name: str
    ports: dict[str, int]
    adopt_service: bool
    pod_labels: dict[str, str]
    command: tuple[str, ...] | None
    args: tuple[str, ...] | None
    env: dict[str, str]
    config: dict[str, str]
    config_files: dict[str, str]
    secrets: dict[str, str | SecretStr]
    env_from_config_maps: tuple[str, ...]
    env_from_secrets: tuple[str, ...]
    resources: Resources
    readiness: HttpProbe | Literal["none"]
    liveness: HttpProbe | None
    startup: HttpProbe | None
    min_ready_seconds: int
    progress_deadline_seconds: int
    revision_history_limit: int
    drain_seconds: int
    termination_grace_seconds: int
    security: Security
    writable_paths: tuple[str, ...]
    topology_spread: bool
    disruption_budget: bool
    image_rewrites: Rewrites
    image_pull_secrets: tuple[str, ...]
    service_account: str | None
    max_surge: int | str
    max_unavailable: int | str
    pod: dict[str, Any]


class BlueGreenFields(PodFields, total=False):
    """See `BlueGreenSettings`."""

    port: Required[int]
    active: Required[Color]
    workload: Literal["deployment", "replica-set"]
    cutover: Literal["selector", "labels"]
    overlap_seconds: int
    replicas: int
    autoscale: Autoscale | None
    standby_replicas: int | None
    blue: Release | None
    green: Release | None
    allow_in_place_updates: bool
    recycle: bool
    expose_both: bool
    gate_timeout_seconds: int
    smoke: SmokeCheck | None
    smoke_job: SmokeJob | None
    verify: VerifyCommand | None
    before_cutover: ReleaseJob | None
    after_cutover: ReleaseJob | None


class RollingFields(PodFields, total=False):
    """See `RollingSettings`."""

    port: int | None
    replicas: int
    autoscale: Autoscale | None
    release: Required[Release]
    before_cutover: ReleaseJob | None
    after_cutover: ReleaseJob | None


class EnvironmentsFields(TypedDict, total=False):
    """See `EnvironmentsSettings`."""

    active: Required[str]
    builds: Required[dict[str, BuildSettings]]
    fronts: tuple[str, ...] | None
    smoke: dict[str, SmokeCheck]
    recycle: bool
    gate_timeout_seconds: int


class SideBySideFields(PodFields, total=False):
    """See `SideBySideSettings`."""

    port: Required[int]
    versions: Required[dict[str, Release]]
    active: str | None
    replicas: int
    autoscale: Autoscale | None
    recycle: bool
    gate_timeout_seconds: int
    smoke: SmokeCheck | None
