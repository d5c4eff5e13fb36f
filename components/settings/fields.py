"""The settings of pods as keyword arguments: same names, same types, same meaning (a test compares them)."""

from typing import Any, Literal, TypedDict

from pydantic import SecretStr

from components.rules.images import Rewrites
from components.settings.container import Resources, Security
from components.settings.probe import HttpProbe


class PodFields(TypedDict, total=False):
    """The fields of `PodSettings` as keyword arguments."""

    service_port: int
    port_name: str
    ports: dict[str, int]
    adopt_service: bool
    pod_labels: dict[str, str]
    workload_labels: dict[str, str]
    workload_annotations: dict[str, str]
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
    service: dict[str, Any]
    services: dict[str, dict[str, Any]]
    budget: dict[str, Any]
