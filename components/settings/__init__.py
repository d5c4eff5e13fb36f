"""The settings that services of every strategy share: models of the config, checked before anything is touched."""

from components.settings.adopt import Adopt
from components.settings.autoscale import Autoscale
from components.settings.canary_match import CanaryMatch
from components.settings.container import Compute, Resources, Security
from components.settings.pod import PodSettings
from components.settings.probe import HttpProbe
from components.settings.release import Release
from components.settings.release_job import ReleaseJob
from components.settings.route import Canary, Route, RouteParent
from components.settings.smoke import SmokeCheck, SmokeJob
from components.settings.verify import VerifyCommand

__all__ = [
    "Adopt",
    "Autoscale",
    "Canary",
    "CanaryMatch",
    "Compute",
    "HttpProbe",
    "PodSettings",
    "Release",
    "ReleaseJob",
    "Resources",
    "Route",
    "RouteParent",
    "Security",
    "SmokeCheck",
    "SmokeJob",
    "VerifyCommand",
]
