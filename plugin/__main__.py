"""The component plugin as the engine runs it: this folder, in an environment of its own that has the package."""

from pulumi_cutover.plugin import main

main()
