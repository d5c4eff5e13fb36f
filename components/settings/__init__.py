"""The settings that services of every strategy share: models of the config, checked before anything is touched."""

from components.settings.adopt import Adopt
from components.settings.autoscale import Autoscale
from components.settings.canary_match import CanaryMatch
from components.settings.container import Compute, Resources, Security
from components.settings.pod import PodSettings
from components.settings.probe import HttpProbe
from components.settings.release import Release
from components.settings.release_checks import *  # noqa: F403 - the models of the checks
from components.settings.release_checks import __all__ as _checks
from components.settings.role_metadata import RoleMetadata
from components.settings.route import Canary, Route, RouteParent

__all__ = [
    "Adopt",
    "Autoscale",
    "Canary",
    "CanaryMatch",
    "Compute",
    "HttpProbe",
    "PodSettings",
    "Release",
    "Resources",
    "RoleMetadata",
    "Route",
    "RouteParent",
    "Security",
]
__all__ += _checks
