"""The pods of one release as a measurement: one of them after the other is asked, through the API server's pod proxy.

While a rollout runs pods of two releases answer behind the Service, so that cannot be asked for the new one alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from contract.labels import INSTANCE, REVISION
from cutover.errors import ClusterUnreachable
from cutover.measure.http import Answer, get
from cutover.measure.probe import Check, ProbeMeasurement
from cutover.measure.records import Reading
from cutover.observe import Api
from cutover.observe.pods import is_ready


@dataclass
class NewPods:
    """A pod is asked from the second look on that finds it ready. `revision` is the release's id, `port` the pods'."""

    api: Api
    namespace: str
    service: str
    revision: str
    port: int
    check: Check
    unit: str = "ms"
    indirect: bool = True
    _ready: list[str] = field(default_factory=list)
    _turns: "count[int]" = field(default_factory=count)

    @property
    def name(self) -> str:
        """The measurement for people."""
        return f"probe {self.service}, new pods"

    @property
    def expectation(self) -> str:
        """The good answer in words."""
        return str(self.check)

    def take(self) -> Reading:
        """Ask one pod. What it says while it stops is no answer of the release."""
        try:
            before, self._ready = self._ready, self._list()
            if not (there := sorted(set(before) & set(self._ready))):
                return Reading("unknown", None, "no new pod is ready yet", early=True)
            pod = there[next(self._turns) % len(there)]
            reading = ProbeMeasurement(self.name, self.check, self._of(pod), proxied=True).take()
            if reading.outcome == "failed" and pod not in self._list():
                return Reading("unknown", None, f"{pod} has left", early=True)
        except ClusterUnreachable as error:
            return Reading("unknown", None, error.what.splitlines()[0], reached=False)
        return replace(reading, said=f"{pod}: {reading.said}")

    def _list(self) -> list[str]:
        """The names of its ready pods."""
        selector = {"labelSelector": f"{INSTANCE}={self.service},{REVISION}={self.revision}"}
        found = self.api.items(f"/api/v1/namespaces/{self.namespace}/pods", selector)
        return [str(pod["metadata"]["name"]) for pod in found if is_ready(pod)]

    def _of(self, pod: str) -> "_PodFetch":
        return _PodFetch(self, f"/api/v1/namespaces/{self.namespace}/pods/http:{pod}:{self.port}/proxy/")


@dataclass(frozen=True)
class _PodFetch:
    """GETs to one pod."""

    of: NewPods
    base: str

    def __call__(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        return get(self.of.api.http, self.base + path.lstrip("/"), params, self.of.check.timeout_seconds)
