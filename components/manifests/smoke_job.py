"""The smoke test that runs inside the cluster: one Job per release, awaited before the live Service may move."""

from collections.abc import Mapping
from typing import Any

from components.manifests.objects import Manifest
from components.manifests.pod import pod_security
from components.rules.variables import ordered
from components.settings import Security, SmokeJob

TARGET_URL = "CUTOVER_URL"


def job(
    meta: dict[str, Any], settings: SmokeJob, security: Security, url: str, template: Mapping[str, Any]
) -> Manifest:
    """The Job; its container finds the address of the release under test in `CUTOVER_URL`. `template` is the pod
    template of that release, whose private registry may be the Job's too.

    A failed one is made anew by the next `up`; a passed one stays, so a rollback does not wait for it again.
    """
    container: dict[str, Any] = {
        "name": "smoke",
        "image": settings.image,
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": key, "value": value} for key, value in ordered({TARGET_URL: url, **settings.env}).items()],
        "securityContext": pod_security(security).container,
    }
    if settings.command is not None:
        container["command"] = list(settings.command)
    if settings.args is not None:
        container["args"] = list(settings.args)
    secrets = template["spec"].get("imagePullSecrets")
    return {
        "metadata": {**meta, "annotations": {**meta["annotations"], "pulumi.com/replaceUnready": "true"}},
        "spec": {
            "backoffLimit": settings.retries,
            "activeDeadlineSeconds": settings.timeout_seconds,
            "template": {
                "metadata": {"labels": dict(meta["labels"])},
                "spec": {
                    "containers": [container],
                    "restartPolicy": "Never",
                    "enableServiceLinks": False,
                    "automountServiceAccountToken": False,
                    "securityContext": pod_security(security).pod,
                    **({"imagePullSecrets": secrets} if secrets else {}),
                },
            },
        },
    }
