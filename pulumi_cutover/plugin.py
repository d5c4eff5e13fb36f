"""The component plugin, for programs in other languages: `pulumi-resource-cutover`."""

from components.plugin.server import main

__all__ = ["main"]
