"""Which kubeconfig counts, as kubectl and the provider have it; the reading itself is lightkube's.

lightkube alone would take a pod's own account before KUBECONFIG, knows one path in it, and no login plugin of the API's
version v1: in a CI runner inside a cluster the gates would ask another cluster than the one that is deployed to.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import KubeConfig, SingleConfig

EXEC_V1 = "client.authentication.k8s.io/v1"


def read_kubeconfig(given: str | None, context: str | None) -> "SingleConfig | None":
    """The cluster and the identity of a kubeconfig (path or content; None: what kubectl would take) and a context.

    Raises what lightkube and yaml raise; None where it names no cluster.
    """
    single = _load(given).get(context)
    return _with_current_exec(single) if single else None


def _load(given: str | None) -> "KubeConfig":
    import yaml
    from lightkube.config.kubeconfig import KubeConfig

    if given is None:
        listed = [Path(part) for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
        files = [path for path in listed or [Path("~/.kube/config").expanduser()] if path.is_file()]
        if files:
            return KubeConfig.from_dict(_merged(files), fname=files[0])
        return KubeConfig.from_env()  # the pod's account, or the error that names the file
    if "\n" in given or given.lstrip().startswith("{"):
        return KubeConfig.from_dict(yaml.safe_load(given))
    return KubeConfig.from_file(Path(given).expanduser())


def _merged(files: list[Path]) -> dict[str, Any]:
    """Several kubeconfigs as one, as kubectl does: the first that names a thing has it."""
    import yaml

    merged: dict[str, Any] = {"clusters": [], "contexts": [], "users": []}
    for path in files:
        content = yaml.safe_load(path.read_text()) or {}
        if content.get("current-context"):
            merged.setdefault("current-context", content["current-context"])
        for kind in ("clusters", "contexts", "users"):
            known = {entry["name"] for entry in merged[kind]}
            merged[kind] += [entry for entry in content.get(kind) or [] if entry["name"] not in known]
    return merged


def _with_current_exec(single: "SingleConfig") -> "SingleConfig":
    """Login plugins of version v1 answer as those of v1beta1 do, the newest that lightkube knows."""
    import msgspec
    from lightkube.config.models import NameValue

    user = single.user
    if user is None or user.exec is None or user.exec.apiVersion != EXEC_V1:
        return single
    asked = {"apiVersion": EXEC_V1, "kind": "ExecCredential", "spec": {"interactive": False}}
    told = NameValue(name="KUBERNETES_EXEC_INFO", value=json.dumps(asked))
    plugin = msgspec.structs.replace(
        user.exec, apiVersion="client.authentication.k8s.io/v1beta1", env=[*(user.exec.env or []), told]
    )
    return single._replace(user=msgspec.structs.replace(user, exec=plugin))
