"""The move of the label by which a live Service finds its pods, at once and without the engine: attach, verify, detach.

The steps are those of the program (`contract.attachment`), without its overlap. What is left over after a failure
between two of them, a pod that is born at the wrong moment included, the next `up` settles: it looks at pods and
templates.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from contract.annotations import COMPLETED, SERVES
from contract.attachment import ATTACH, Marks, detach, selects, to_attach, to_detach
from contract.labels import COLOR, INSTANCE, REVISION
from cutover.errors import GateRefused, TimedOut
from cutover.observe.pods import is_ready

if TYPE_CHECKING:
    from cutover.observe import ColorStatus, ServiceStatus
    from cutover.observe.connection import Api

Json = dict[str, Any]
Chosen = Callable[[Iterable[Json], Callable[[Json], Mapping[str, str]], Mapping[str, str]], list[Json]]
"""`to_attach` or `to_detach`."""
VERIFY_SECONDS = 30.0
POLL_SECONDS = 0.05
TRIES = 20  # of writes that somebody else's, the cluster's own too, get in the way of


def attach_now(api: "Api", namespace: str, seen: "ServiceStatus", there: "ColorStatus") -> None:
    """Give the traffic of a service to the ready pods of a color. Raises GateRefused where somebody else moves it
    meanwhile, TimedOut, ClusterUnreachable.
    """
    _Labels(api, namespace, seen.name, (there.color, there.revision)).move()


class _Labels:
    def __init__(self, api: "Api", namespace: str, service: str, target: tuple[str, str]) -> None:
        self._api = api
        self._service = service
        self._target = target
        self._selector = {COLOR: target[0], REVISION: target[1]}
        self._core = f"/api/v1/namespaces/{namespace}"
        self._service_path = f"{self._core}/services/{service}"
        self._sets = f"/apis/apps/v1/namespaces/{namespace}/replicasets"
        self._slices = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"

    def move(self) -> None:
        """The new color is attached and serves before the old one is detached, so the Service is never empty."""
        color, _ = self._target
        self._announce()
        self._label(ATTACH, to_attach)
        self._until(self._why_not_serving, f"{color} was attached")
        self._refuse_if_moved()
        self._label(detach(), to_detach)
        self._until(self._why_not_alone, f"all but {color} was detached")

    def _announce(self) -> None:
        """Note on the Service where it is to send, unless somebody else sends it elsewhere at that moment."""
        first: str | None = None
        for _ in range(TRIES):
            meta = self._api.json("GET", self._service_path)["metadata"]
            notes = _notes(meta)
            noted = notes.get(SERVES, "")
            if noted == self._noted and COMPLETED not in notes:
                return  # also where a first try got through, and its answer was lost
            if noted != (noted if first is None else first):
                raise self._moved(noted)
            first = noted
            note = {COMPLETED: None, SERVES: self._noted}
            if self._api.patch(self._service_path, {"metadata": {"annotations": note}}, meta):
                return
        raise self._moved(first)

    def _refuse_if_moved(self) -> None:
        """Before pods lose the traffic: somebody else may have sent it back to them."""
        noted = _notes(self._api.json("GET", self._service_path)["metadata"]).get(SERVES)
        if noted != self._noted:
            raise self._moved(noted)

    @property
    def _noted(self) -> str:
        return "/".join(self._target)

    def _moved(self, noted: str | None) -> GateRefused:
        return GateRefused(
            f"{self._service}: somebody else changed the live Service while this command moved it: it is to send to "
            f"{noted or 'nobody'}, not to {self._noted}",
            "`cutover status` says what is live; the same command again starts from there",
        )

    def _label(self, marks: Marks, chosen: Chosen) -> None:
        """Write the marks on what is `chosen`. What changed meanwhile is looked at again; what then is still to be
        done, the look at the endpoints names.
        """
        for _ in range(TRIES):
            if self._label_once(marks, chosen):
                return

    def _label_once(self, marks: Marks, chosen: Chosen) -> bool:
        """Templates first, then pods. Whether none was in the way."""
        done = True
        for one in chosen(self._listed(self._sets), _labels_of_template, self._selector):
            done &= self._api.patch(f"{self._sets}/{one['metadata']['name']}", marks.of_template, one["metadata"])
        for pod in chosen(self._pods(), _labels, self._selector):
            done &= self._api.patch(f"{self._core}/pods/{pod['metadata']['name']}", marks.of_pod, pod["metadata"])
        return done

    def _why_not_serving(self) -> str | None:
        ready = {pod["metadata"]["name"] for pod in self._pods() if self._is_target(_labels(pod)) and is_ready(pod)}
        missing = sorted(ready - self._serving())
        if not ready:
            return "none of its pods is ready any more"
        return f"the Service does not send to {', '.join(missing)} yet" if missing else None

    def _why_not_alone(self) -> str | None:
        others = {pod["metadata"]["name"] for pod in self._pods() if not self._is_target(_labels(pod))}
        left = sorted(others & self._serving())
        return f"the Service still sends to {', '.join(left)}" if left else None

    def _until(self, unmet: Callable[[], str | None], after: str) -> None:
        end = time.monotonic() + VERIFY_SECONDS
        while reason := unmet():
            if time.monotonic() >= end:
                raise TimedOut(
                    f"{self._service}: {VERIFY_SECONDS:g} s after {after}, {reason}",
                    "`cutover up` settles it, on the color that the file says",
                )
            time.sleep(POLL_SECONDS)

    def _is_target(self, labels: Mapping[str, str]) -> bool:
        return selects(self._selector, labels)

    def _pods(self) -> list[Json]:
        """Those that stay."""
        return [pod for pod in self._listed(f"{self._core}/pods") if "deletionTimestamp" not in pod["metadata"]]

    def _listed(self, path: str) -> list[Json]:
        return self._api.items(path, {"labelSelector": f"{INSTANCE}={self._service}"})

    def _serving(self) -> set[str]:
        """The names of the pods that new connections go to."""
        params = {"labelSelector": f"kubernetes.io/service-name={self._service}"}
        return {
            (endpoint.get("targetRef") or {}).get("name", "")
            for piece in self._api.items(self._slices, params)
            for endpoint in piece.get("endpoints") or []
            if (endpoint.get("conditions") or {}).get("ready", True)
        }


def _notes(meta: Json) -> Mapping[str, str]:
    return meta.get("annotations") or {}


def _labels_of_template(item: Json) -> Mapping[str, str]:
    return _labels(item["spec"]["template"])


def _labels(item: Json) -> Mapping[str, str]:
    return item["metadata"].get("labels") or {}
