"""What a peer leaves in a cluster between releases: types, rights, and its controller's memory and processor time."""

import json
import time
from typing import Any

from peers.controller import Controller
from peers.shell import Shell, must

REST_SECONDS = 15.0
_READS = {"get", "list", "watch"}


def of(shell: Shell, group: str, role: str, controller: Controller) -> dict[str, Any]:
    """CRDs of an API group, the rules of a ClusterRole, and the controller while nothing is to be done."""
    crds = json.loads(must(shell, "kubectl get crds -o json").said)["items"]
    rules = json.loads(must(shell, f"kubectl get clusterrole {role} -o json").said)["rules"]
    before = controller.processor_seconds()
    time.sleep(REST_SECONDS)
    spent = controller.processor_seconds() - before
    return {
        "CRDs": sum(one["spec"]["group"].endswith(group) for one in crds),
        **rights(rules),
        "memory_mib": round(controller.memory_bytes() / 2**20),
        "rest_millicores": round(1000 * spent / REST_SECONDS, 1),
    }


def rights(rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Of a role: on how many kinds of objects it may write, in every namespace, and whether it may read Secrets."""
    resources = {
        (group, resource): set(rule["verbs"])
        for rule in rules
        for group in rule.get("apiGroups", ())
        for resource in rule.get("resources", ())
    }
    writes = [key for key, verbs in resources.items() if verbs - _READS]
    secrets = any(resource in ("secrets", "*") and verbs for (_, resource), verbs in resources.items())
    return {"writes_kinds": len(writes), "reads_secrets": secrets}
