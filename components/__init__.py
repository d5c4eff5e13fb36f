"""Zero-downtime releases on Kubernetes as Pulumi components. This is the whole public API.

    from pulumi_cutover import BlueGreenService, Release

    BlueGreenService(
        "storefront", namespace="shop", active="blue", port=8080,
        blue=Release(version="1.4.0", build=12, image="shop@sha256:…"),
        green=Release(version="1.5.0", build=3, image="shop@sha256:…"),
    )

Settings are those of the stack config (docs/config.md). What goes wrong is a `CutoverError`.
"""

from components.cluster.cluster import Cluster
from components.program import run
from components.rules.errors import ConfigError, CutoverError
from components.settings import (
    Adopt,
    Canary,
    CanaryMatch,
    Compute,
    HttpProbe,
    Release,
    Resources,
    RoleMetadata,
    Route,
    RouteParent,
    Security,
)
from components.settings.autoscale import Autoscale
from components.settings.release_checks import *  # noqa: F403 - the models of the checks
from components.settings.release_checks import __all__ as _checks
from components.strategies.blue_green.component import BlueGreenService
from components.strategies.blue_green.group import ReleaseGroup
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.environments.component import Environments
from components.strategies.environments.settings import BuildSettings, EnvironmentsSettings
from components.strategies.rolling.component import RollingApp
from components.strategies.rolling.settings import ClaimRetention, RollingSettings
from components.strategies.versions.component import SideBySide
from components.strategies.versions.settings import SideBySideSettings
from kubeaccess import Access as ClusterAccess

__all__ = [
    "Adopt",
    "Autoscale",
    "BlueGreenService",
    "BlueGreenSettings",
    "BuildSettings",
    "Canary",
    "CanaryMatch",
    "ClaimRetention",
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
    "Resources",
    "RoleMetadata",
    "RollingApp",
    "RollingSettings",
    "Route",
    "RouteParent",
    "Security",
    "SideBySide",
    "SideBySideSettings",
    "run",
]
__all__ += _checks
