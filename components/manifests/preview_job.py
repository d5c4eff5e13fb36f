"""The preview pod of a rolling release: one more pod of its template, without traffic, as a Job that ends by itself."""

from collections.abc import Mapping
from typing import Any

from components.manifests.objects import Manifest

RESTARTS = 3
"""How often its containers may fail before the Job does."""
KEPT_SECONDS = 600
"""How long the Job is there once it failed, for people to look at."""


def preview_job(meta: dict[str, Any], template: Mapping[str, Any], limit_seconds: int) -> Manifest:
    """The Job. `template` is the pod template of the release; its labels are left out, as Services find pods by them.
    It ends after `limit_seconds` also where nobody is there any more to end it.
    """
    spec = {key: value for key, value in template["spec"].items() if key != "topologySpreadConstraints"}
    return {
        "metadata": meta,
        "spec": {
            "suspend": False,
            "backoffLimit": RESTARTS,
            "activeDeadlineSeconds": limit_seconds,
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": {"metadata": {"labels": dict(meta["labels"])}, "spec": {**spec, "restartPolicy": "OnFailure"}},
        },
    }
