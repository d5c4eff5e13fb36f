"""What a peer leaves in a cluster between releases: types, rights, and its controller's memory and processor time."""

import json
import time
from collections.abc import Callable
from typing import Any

from peers.controller import Controller
from peers.shell import Shell, must

COUNTS = (1, 50, 200)
REST_SECONDS = 10.0
_CALM_SECONDS = 6.0  # after the last object was made
_NAMESPACE = "peers-growth"
_READS = {"get", "list", "watch"}


def cluster_wide(shell: Shell) -> dict[str, set[str]]:
    """The names of what is nobody's namespace: types and roles."""
    found = must(shell, "kubectl get crds,clusterroles,clusterrolebindings -o name").said.splitlines()
    kinds = {"CRDs": "customresourcedefinition.", "cluster roles": "clusterrole.", "bindings": "clusterrolebinding."}
    return {kind: {name for name in found if name.startswith(start)} for kind, start in kinds.items()}


def role(shell: Shell, name: str) -> dict[str, Any]:
    """What the controller may do in every namespace."""
    return rights(json.loads(must(shell, f"kubectl get clusterrole {name} -o json").said)["rules"])


def rights(rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Of a role: to how many kinds of objects it may write, and whether it may read Secrets."""
    resources: dict[tuple[str, str], set[str]] = {}
    for rule in rules:
        for group in rule.get("apiGroups", ()):
            for resource in rule.get("resources", ()):
                resources.setdefault((group, resource), set()).update(rule["verbs"])
    writes = [key for key, verbs in resources.items() if verbs - _READS]
    secrets = any(resource in ("secrets", "*") for _, resource in resources)
    return {"writes to kinds, everywhere": len(writes), "reads Secrets": "yes" if secrets else "no"}


def growth(shell: Shell, controller: Controller, make: Callable[[int], list[dict[str, Any]]]) -> dict[str, Any]:
    """The controller at rest, beside so many objects that have no pods; `make` gives the manifests of one."""
    must(shell, f"kubectl create namespace {_NAMESPACE}")
    found, made = {}, 0
    for count in COUNTS:
        items = [item for number in range(made, count) for item in make(number)]
        path = shell.folder / f"quiet-{count}.json"
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        must(shell, f"kubectl create -n {_NAMESPACE} -f {path.name}")
        made = count
        time.sleep(_CALM_SECONDS)
        before = controller.processor_seconds()
        time.sleep(REST_SECONDS)
        millicores = 1000 * (controller.processor_seconds() - before) / REST_SECONDS
        found[f"at {count} services"] = f"{controller.memory_bytes() / 2**20:.0f} MiB, {millicores:.0f} m"
    must(shell, f"kubectl delete namespace {_NAMESPACE} --wait=false")
    return found
