"""Services of this stack that take traffic and are in its config no more: the next `up` deletes them."""

from dataclasses import dataclass
from typing import Any

from contract.annotations import STACK
from contract.labels import COLOR, COMPONENT, INSTANCE, MANAGED_BY, NAME, REVISION, VERSION
from contract.text import harmless
from cutover.observe.connection import Api
from cutover.observe.pods import over
from cutover.observe.releases import build_of
from cutover.stackfile.find import identity_of
from cutover.stackfile.view import StackView

Json = dict[str, Any]


@dataclass(frozen=True)
class Ending:
    """A Service that ends, and what it sends to, in words."""

    name: str
    serves: str

    def __str__(self) -> str:
        return f"{self.name} is in the config no more: `up` deletes it, and it serves {self.serves}"


def endings(api: Api, view: StackView) -> list[Ending]:
    """All of them, by name. Raises ClusterUnreachable."""
    known = {*view.services, *view.fronts}
    own = identity_of(view)
    found = harmless(api.items(f"/api/v1/namespaces/{view.namespace}/services"))
    ending = [item for item in found if _takes_traffic(item, own) and item["metadata"]["name"] not in known]
    return [Ending(item["metadata"]["name"], _serves(api, view, item)) for item in ending]


def _takes_traffic(item: Json, own: str) -> bool:
    """As `components.rules.ownership` has it: no color's own Service, and no version's behind a front."""
    meta = item["metadata"]
    labels = meta.get("labels") or {}
    if (meta.get("annotations") or {}).get(STACK) != own:
        return False
    if labels.get(MANAGED_BY) != "pulumi":  # it was adopted, and keeps the labels that it had
        return True
    return labels.get(COMPONENT) in ("live", "front") and labels.get(NAME) == labels.get(INSTANCE)


def _serves(api: Api, view: StackView, item: Json) -> str:
    selector = (item.get("spec") or {}).get("selector") or {}
    wanted = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    path = f"/api/v1/namespaces/{view.namespace}/pods"
    pods = [pod for pod in harmless(api.items(path, {"labelSelector": wanted})) if _ready(pod)] if wanted else []
    if not pods:
        return "nothing: none of its pods is ready"
    labels = pods[0]["metadata"].get("labels") or {}
    release = build_of(labels.get(REVISION, ""), labels.get(VERSION, ""))
    return " ".join(filter(None, (labels.get(COLOR), release, f"with {len(pods)} pods")))


def _ready(pod: Json) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
    return ready and not over(pod) and not pod["metadata"].get("deletionTimestamp")
