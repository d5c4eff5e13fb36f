"""The Job around a release: a pod like the release's own, with the same environment and rights, that ends."""

from collections.abc import Mapping
from typing import Any

from components.manifests.objects import Manifest
from components.manifests.pod import app_container
from components.manifests.workload import SKIP_AWAIT
from components.rules.digest import stable_digest
from components.rules.variables import ordered
from components.settings import ReleaseJob
from contract.annotations import DIGEST

_SERVING = ("lifecycle", "livenessProbe", "ports", "readinessProbe", "startupProbe", "command", "args")


def release_job(
    meta: dict[str, Any], settings: ReleaseJob, template: Mapping[str, Any], variables: Mapping[str, str]
) -> Manifest:
    """The Job, suspended: it is let go when its time has come.

    `template` is the pod template of the release. `variables` (`CUTOVER_…`) come before all others, so that those may
    refer to them as `$(NAME)`.
    """
    spec = {
        "suspend": True,
        "backoffLimit": settings.retries,
        "activeDeadlineSeconds": settings.timeout_seconds,
        "template": {"metadata": {"labels": dict(meta["labels"])}, "spec": _pod(settings, template["spec"], variables)},
    }
    annotations = {**meta["annotations"], **SKIP_AWAIT, DIGEST: stable_digest(spec)}
    return {"metadata": {**meta, "annotations": annotations}, "spec": spec}


def _pod(settings: ReleaseJob, spec: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    pod = {key: value for key, value in spec.items() if key != "topologySpreadConstraints"}
    container = {key: value for key, value in app_container(spec).items() if key not in _SERVING}
    if settings.image:
        container["image"] = settings.image
    if settings.command is not None:
        container["command"] = list(settings.command)
    if settings.args is not None:
        container["args"] = list(settings.args)
    own = [*_entries(variables), *(e for e in container.get("env", []) if e["name"] not in settings.env)]
    container["env"] = [*own, *_entries(settings.env)]
    container["terminationMessagePolicy"] = "FallbackToLogsOnError"  # so a failure can be told in its own last words
    # A native sidecar, a database proxy for one, ends with the Job; an init container may wait for what the Job makes.
    beside = [one for one in pod.pop("initContainers", ()) if one.get("restartPolicy") == "Always"]
    return {
        **pod,
        **({"initContainers": beside} if beside else {}),
        "containers": [container],
        "restartPolicy": "Never",
    }


def _entries(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": key, "value": value} for key, value in ordered(values).items()]
