"""The settings of services and stacks: models of the stack config, checked as a whole before anything is touched."""

from components.settings.adopt import Adopt
from components.settings.environments import BuildSettings, EnvironmentsSettings
from components.settings.fields import BlueGreenFields, EnvironmentsFields, RollingFields, SideBySideFields
from components.settings.load import from_fields, load_settings, parse
from components.settings.pod import Compute, HttpProbe, PodSettings, Resources, Security
from components.settings.release import Release
from components.settings.release_job import ReleaseJob
from components.settings.services import Autoscale, BlueGreenSettings, GroupSettings, RollingSettings
from components.settings.side_by_side import SideBySideSettings
from components.settings.smoke import SmokeCheck, SmokeJob
from components.settings.stack import StackSettings
from components.settings.verify import VerifyCommand

__all__ = [
    "Adopt",
    "Autoscale",
    "BlueGreenFields",
    "BlueGreenSettings",
    "BuildSettings",
    "Compute",
    "EnvironmentsFields",
    "EnvironmentsSettings",
    "GroupSettings",
    "HttpProbe",
    "PodSettings",
    "Release",
    "ReleaseJob",
    "Resources",
    "RollingFields",
    "RollingSettings",
    "Security",
    "SideBySideFields",
    "SideBySideSettings",
    "SmokeCheck",
    "SmokeJob",
    "StackSettings",
    "VerifyCommand",
    "from_fields",
    "load_settings",
    "parse",
]
