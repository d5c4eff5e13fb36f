"""Two releases behind a route of either kind, in a test's namespace, as a user would have written them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prober import Prober
from sandbox.gateway import NAME, NAMESPACE, Address
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS, RATE_PER_SECOND
from tests.lifecycle.routes import weights
from tests.lifecycle.services import REPOSITORY, V1, V2
from traffic.cells import Router
from traffic.edge import route_by, url_of
from traffic.shares import fits

Json = dict[str, Any]
Weights = Mapping[str, int]

OLD, NEW = "app-old", "app-new"
VERSIONS = {OLD: V1, NEW: V2}
FAILED = "failed"  # among the outcomes of requests, beside the versions
PORT = 9898
COUNTED = 600  # answers that a share is read from
GLANCE = 200  # answers after which it is looked whether a write has reached the gateway


class Route(ABC):
    """One route with a weight for each Service. `url` is where it leads, asked for `host`."""

    plural: str

    def __init__(self, namespace: Namespace, gateway: Address) -> None:
        self.namespace = namespace
        self.gateway = gateway
        self.host = f"{namespace.name}.example"  # every test's own: all share the gateway

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the gateway listens for routes of this kind."""

    def create(self, weights: Weights) -> None:
        """Make the route."""
        self.namespace.create_object(self.plural, self.body(weights))

    def weigh(self, weights: Weights) -> None:
        """Give it other weights, as kubectl would."""
        self.namespace.patch(self.plural, "app", {"spec": self.body(weights)["spec"]})

    @abstractmethod
    def body(self, weights: Weights) -> Json:
        """The object."""

    def prober(self, path: str = "", **options: Any) -> Prober:
        """Traffic to the route, once the gateway has heard of it."""

        def leads() -> bool:
            with self._prober("", rate_per_second=10, max_seconds=0.5) as first:
                return first.stop().failed == 0

        eventually("the route to lead somewhere", leads)
        return self._prober(path, **options)

    def _prober(self, path: str, **options: Any) -> Prober:
        patient = {"rate_per_second": RATE_PER_SECOND, "timeout_seconds": ANSWER_SECONDS, **options}
        return Prober(self.url + path, host=self.host, **patient)


class HttpRoute(Route):
    """Of the Gateway API."""

    plural = "httproutes"

    @property
    def url(self) -> str:
        """Of the Gateway API's listener."""
        return self.gateway.gateway_api

    def body(self, weights: Weights) -> Json:
        """One rule for all."""
        backends = [{"name": name, "port": 80, "weight": weight} for name, weight in weights.items()]
        return {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": "app"},
            "spec": {
                "parentRefs": [{"name": NAME, "namespace": NAMESPACE}],
                "hostnames": [self.host],
                "rules": [{"backendRefs": backends}],
            },
        }


class VirtualService(Route):
    """Of Istio."""

    plural = "virtualservices"

    @property
    def url(self) -> str:
        """Of the Istio Gateway's server."""
        return self.gateway.istio

    def body(self, weights: Weights) -> Json:
        """One rule for all."""
        hosts = {name: f"{name}.{self.namespace.name}.svc.cluster.local" for name in weights}
        return {
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "metadata": {"name": "app"},
            "spec": {
                "gateways": [f"{NAMESPACE}/{NAME}"],
                "hosts": [self.host],
                "http": [
                    {
                        "route": [
                            {"destination": {"host": hosts[name], "port": {"number": 80}}, "weight": weight}
                            for name, weight in weights.items()
                        ]
                    }
                ],
            },
        }


def own_route(namespace: Namespace, gateway: Address, router: Router = "http_route") -> Json:
    """The settings of a route of a service's own, for a host of the test's own."""
    return route_by(gateway, router, f"{namespace.name}.example")


def own_weights(namespace: Namespace, router: Router = "http_route") -> dict[str, int]:
    """The weights of the colors in the route of the service `shop` itself."""
    if router == "http_route":
        return weights(namespace, "shop")
    (entry,) = namespace.get("virtualservices", "shop")["spec"]["http"]
    return {one["destination"]["host"]: one["weight"] for one in entry["route"]}


@contextmanager
def by_own_route(
    route: Json, gateway: Address, rate_per_second: float, router: Router = "http_route"
) -> Iterator[Prober]:
    """Traffic by such a route, from the answers of the release before on."""
    url, host = url_of(gateway, router), route["hosts"][0]
    with Prober(url, host=host, rate_per_second=rate_per_second, timeout_seconds=ANSWER_SECONDS) as running:
        eventually("answers of blue", lambda: running.progress.versions.get(V1, 0) > rate_per_second)
        yield running


def serve(namespace: Namespace, *names: str, repository: str = REPOSITORY) -> None:
    """A Deployment and a Service for each, with pods that are ready."""
    for name in names:
        namespace.create_object("deployments", _deployment(name, f"{repository}:{VERSIONS[name]}"))
        namespace.create_object("services", service(name))
    for name in names:
        eventually(
            f"a ready pod of {name}",
            lambda: namespace.get("deployments", name)["status"].get("readyReplicas"),  # noqa: B023 - called at once
        )


def service(name: str) -> Json:
    """The Service of one release."""
    spec = {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "targetPort": PORT}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def by_weight(weights: Weights) -> dict[str, float]:
    """The share of each version."""
    return {VERSIONS[name]: weight / sum(weights.values()) for name, weight in weights.items()}


def expect(prober: Prober, shares: Mapping[str, float]) -> dict[str, int]:
    """Wait until answers are shared so, then hold COUNTED of them to it; the count of each outcome."""
    eventually(f"shares of {dict(shares)}", lambda: _fit(_next(prober, GLANCE), shares))
    counted = _next(prober, COUNTED)
    assert _fit(counted, shares), f"{counted} where {dict(shares)} was to be"
    return counted


def expect_from_now_on(prober: Prober, name: str, shares: Mapping[str, float]) -> None:
    """Hold to it COUNTED answers to requests that begin now, as a step has ended that says so; `name` is the moment."""
    prober.mark(name)

    def answers() -> dict[str, int] | None:
        found = {version: sum(map(len, kinds.values())) for version, kinds in prober.latencies_ms(name).items()}
        return found if sum(found.values()) >= COUNTED else None

    counted = eventually(f"{COUNTED} answers", answers)
    assert _fit(counted, shares), f"{counted} where {dict(shares)} was to be"


def _next(prober: Prober, count: int) -> dict[str, int]:
    """At least so many further outcomes: versions, and FAILED."""
    before = _outcomes(prober)
    wanted = sum(before.values()) + count
    after = eventually(f"{count} answers", lambda: now if sum((now := _outcomes(prober)).values()) >= wanted else None)
    return {name: sum_ - before.get(name, 0) for name, sum_ in after.items()}


def _outcomes(prober: Prober) -> dict[str, int]:
    progress = prober.progress
    return {**progress.versions, FAILED: progress.requests - sum(progress.versions.values())}


def _fit(counted: Mapping[str, int], shares: Mapping[str, float]) -> bool:
    total = sum(counted.values())
    return all(fits(counted.get(name, 0), total, shares.get(name, 0.0)) for name in {*counted, *shares})


def _deployment(name: str, image: str) -> Json:
    container = {
        "name": "app",
        "image": image,
        "ports": [{"containerPort": PORT}],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": PORT}, "periodSeconds": 1, "timeoutSeconds": 10},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "lifecycle": {"preStop": {"sleep": {"seconds": 2}}},
    }
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": template},
    }
