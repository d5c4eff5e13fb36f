"""The program of this repository: everything is in the configuration, Pulumi.dev.yaml."""

from components.program import run

run()
