"""From a stack's configuration to its components."""

from typing import Any

from components.blue_green_service import BlueGreenService
from components.rolling_app import RollingApp
from components.settings import BlueGreenSettings, StackSettings


def deploy(settings: StackSettings) -> dict[str, Any]:
    """Make every service of the stack. Returns what the stack exports: name of a service -> its outputs."""
    exports: dict[str, Any] = {}
    for name, service in settings.services.items():
        if isinstance(service, BlueGreenSettings):
            made = BlueGreenService(name, service, namespace=settings.namespace)
            exports[name] = {
                "active": made.active,
                "address": made.address,
                "previewAddress": made.preview_address,
                "releases": made.releases,
            }
        else:
            app = RollingApp(name, service, namespace=settings.namespace)
            exports[name] = {"address": app.address, "release": app.release}
    return exports
