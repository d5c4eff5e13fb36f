"""Zero-downtime releases on Kubernetes as Pulumi components. This is the whole public API.

    from components import BlueGreenService, Release

    BlueGreenService(
        "storefront", namespace="shop", active="blue", port=8080,
        blue=Release(version="1.4.0", build=12, image="shop@sha256:…"),
        green=Release(version="1.5.0", build=3, image="shop@sha256:…"),
    )

Settings are those of the stack config (docs/config.md). What goes wrong is a `CutoverError`.
"""

from components.blue_green_service import BlueGreenService
from components.cluster.cluster import Cluster
from components.environments import Environments
from components.release_group import ReleaseGroup
from components.rolling_app import RollingApp
from components.rules.errors import ConfigError, CutoverError
from components.settings import (
    Adopt,
    Autoscale,
    BlueGreenSettings,
    BuildSettings,
    Compute,
    EnvironmentsSettings,
    HttpProbe,
    Release,
    ReleaseJob,
    Resources,
    RollingSettings,
    Security,
    SideBySideSettings,
    SmokeCheck,
    SmokeJob,
)
from components.side_by_side import SideBySide
from kubeaccess import Access as ClusterAccess

__all__ = [
    "Adopt",
    "Autoscale",
    "BlueGreenService",
    "BlueGreenSettings",
    "BuildSettings",
    "Cluster",
    "ClusterAccess",
    "Compute",
    "ConfigError",
    "CutoverError",
    "Environments",
    "EnvironmentsSettings",
    "HttpProbe",
    "Release",
    "ReleaseGroup",
    "ReleaseJob",
    "Resources",
    "RollingApp",
    "RollingSettings",
    "Security",
    "SideBySide",
    "SideBySideSettings",
    "SmokeCheck",
    "SmokeJob",
]
