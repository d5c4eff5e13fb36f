"""The program of this repository: everything is in the configuration, Pulumi.dev.yaml."""

import pulumi

from components.gates.hooks import leave_quietly_when_interrupted
from components.program import deploy
from components.rules.errors import CutoverError
from components.settings.load import load_settings

leave_quietly_when_interrupted()
try:
    for name, outputs in deploy(load_settings(pulumi.Config("cutover"))).items():
        pulumi.export(name, outputs)
except CutoverError as error:
    raise pulumi.RunError(str(error)) from None
