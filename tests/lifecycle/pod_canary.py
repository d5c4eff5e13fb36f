"""A service with a canary by pod labels, and the pods that are attached to it."""

from typing import Any

from tests.lifecycle import services, views
from tests.lifecycle.judge import LIVE
from tests.lifecycle.kube import Namespace


def labels(**changes: Any) -> views.Json:
    """Its settings."""
    return services.blue_green("replica-set", cutover="labels", **changes)


def attached(namespace: Namespace, color: str = "green") -> list[str]:
    """The attached pods of a color; no template of green's is labeled while it is a canary."""
    found = namespace.items("pods", {LIVE: "true", "cutover.dev/color": color})
    return views.names([pod for pod in found if "deletionTimestamp" not in pod["metadata"]])
