"""Services of this stack that take traffic and are in its config no more: the next `up` deletes them."""

from dataclasses import dataclass
from typing import Any

from contract.annotations import STACK
from contract.labels import COLOR, REVISION, VERSION
from contract.ownership import takes_traffic
from contract.text import harmless
from contract.words import counted
from cutover.observe.connection import Api
from cutover.observe.pods import is_ready, over
from cutover.stackfile.find import identity_of
from cutover.stackfile.view import StackView
from cutover.strategies.releases import build_of

Json = dict[str, Any]


@dataclass(frozen=True)
class Ending:
    """A Service that ends, and what it sends to, in words."""

    name: str
    serves: str

    def __str__(self) -> str:
        return f"{self.name} is in the config no more: `up` deletes it, and it serves {self.serves}"


def endings(api: Api, view: StackView) -> list[Ending]:
    """The Services that end, by name. Raises ClusterUnreachable."""
    known = {*view.services, *view.fronts}
    own = identity_of(view)
    found = harmless(api.items(f"/api/v1/namespaces/{view.namespace}/services"))
    ending = [item for item in found if _ends(item["metadata"], own, known)]
    return [Ending(item["metadata"]["name"], _serves(api, view, item)) for item in ending]


def _ends(meta: Json, own: str, known: set[str]) -> bool:
    ours = (meta.get("annotations") or {}).get(STACK) == own
    return ours and meta["name"] not in known and takes_traffic(meta.get("labels") or {})


def _serves(api: Api, view: StackView, item: Json) -> str:
    selector = (item.get("spec") or {}).get("selector") or {}
    wanted = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    path = f"/api/v1/namespaces/{view.namespace}/pods"
    found = harmless(api.items(path, {"labelSelector": wanted})) if wanted else []
    pods = [pod for pod in found if is_ready(pod) and not over(pod)]
    if not pods:
        return "nothing: none of its pods is ready"
    labels = pods[0]["metadata"].get("labels") or {}
    release = build_of(labels.get(REVISION, ""), labels.get(VERSION, ""))
    return " ".join(filter(None, (labels.get(COLOR), release, f"with {counted(len(pods), 'pod')}")))
