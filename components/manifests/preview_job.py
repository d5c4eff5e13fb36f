"""The preview pod of a rolling release: one more pod of its template, without traffic, as a Job that ends by itself."""

from collections.abc import Mapping
from typing import Any

from components.manifests.objects import Manifest
from components.manifests.pod import app_container

RETRIES = 2
"""How many more pods are tried where one fails: some 30 s in all, as an application may wait for another."""
KEPT_SECONDS = 600
"""How long the Job is there once it failed, for people to look at."""


def preview_job(meta: dict[str, Any], template: Mapping[str, Any], limit_seconds: int) -> Manifest:
    """The Job. `template` is the pod template of the release; its labels are left out, as Services find pods by them.
    It ends after `limit_seconds` also where nobody is there any more to end it.
    """
    spec = {key: value for key, value in template["spec"].items() if key != "topologySpreadConstraints"}
    app = app_container(spec)
    # A pod that failed stays, with its last words: one that is started again within is deleted with its Job's failure.
    spec["restartPolicy"] = "Never"
    spec["containers"] = [
        {**one, "terminationMessagePolicy": "FallbackToLogsOnError"} if one is app else one
        for one in spec["containers"]
    ]
    return {
        "metadata": meta,
        "spec": {
            "suspend": False,
            "backoffLimit": RETRIES,
            "activeDeadlineSeconds": limit_seconds,
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": {"metadata": {"labels": dict(meta["labels"])}, "spec": spec},
        },
    }
