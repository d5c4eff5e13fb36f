"""The times of one step of a canary, from nothing to a tenth, by each router, beside an `up` that has nothing to do.

`…_step` is the whole `up`: gates, the move, and that it was seen. `…_moved` ends when the cluster has it: the weights
are in the route, a pod of the canary has the label of the live Service, or that one's selector finds both colors.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lightkube import Client, KubeConfig
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.core_v1 import Pod, Service

from bench import times
from bench.measure import Measured, Shell, measure
from bench.project import STACK, cutover_project, empty_project, stack
from sandbox.gateway import NAME, NAMESPACE, Address
from sandbox.pulumi import Engine

WEIGHT = 10
HOSTS = ["bench.example"]
_COMPARED = ("http_route_step", "http_route_back", "labels_step", "labels_back", "replicas_step", "replicas_back")
COMPARED = dict.fromkeys(_COMPARED, "no_change_up")
_HTTP_ROUTE = create_namespaced_resource("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes")
_VIRTUAL_SERVICE = create_namespaced_resource("networking.istio.io", "v1", "VirtualService", "virtualservices")
_POLL_SECONDS = 0.01

Share = Callable[[Client], bool]


def rows(engine: Engine, scratch: Path, kubeconfig: Path, gateway: Address, runs: int) -> Iterator[Measured]:
    """Every measurement; an `up` of an empty program first, and one with nothing to do."""
    with stack(engine, empty_project(scratch / "empty"), kubeconfig) as run:
        run(*times.UP)
        yield measure("empty_up", runs, lambda _: run(*times.UP), _nothing)
    http_route = {"parents": [{"name": NAME, "namespace": NAMESPACE}], "address": f"{gateway.gateway_api}/version"}
    istio = {"gateways": [f"{NAMESPACE}/{NAME}"], "address": f"{gateway.istio}/version"}
    routers: dict[str, tuple[dict[str, Any], Share]] = {
        "http_route": ({"route": {**http_route, "hosts": HOSTS}}, _has_weight),
        "virtual_service": ({"route": {**istio, "hosts": HOSTS}}, _has_istio_weight),
        "labels": ({"cutover": "labels", "workload": "replica-set"}, _is_attached),
        "replicas": ({}, _is_wide),
    }
    for name, (settings, shared) in routers.items():
        service = {**times.service(replicas=3), **settings, "canary": {"weight": 0}}
        config = {"cutover:namespace": times.NAMESPACE, "cutover:services": {"shop": service}}
        with stack(engine, cutover_project(scratch / name, config), kubeconfig) as run:
            run(*times.UP)
            if name == "http_route":
                yield measure("no_change_up", runs, lambda _: run(*times.UP), _nothing)
            yield from _steps(name, run, kubeconfig, shared, runs)


def _steps(name: str, run: Shell, kubeconfig: Path, shared: Share, runs: int) -> Iterator[Measured]:
    def weigh(weight: int) -> None:
        """An `up` with the other weight, and the edit to this one."""
        edit = ("config", "set", "--stack", STACK, "--path", f"{times.KEY}.canary.weight")
        run(*edit, str(WEIGHT - weight))
        run(*times.UP)
        run(*edit, str(weight))

    yield measure(f"{name}_moved", runs, lambda _: _moved(run, kubeconfig, shared), lambda _: weigh(WEIGHT))
    yield measure(f"{name}_step", runs, lambda _: run(*times.UP), lambda _: weigh(WEIGHT))
    yield measure(f"{name}_back", runs, lambda _: run(*times.UP), lambda _: weigh(0))


def _moved(run: Shell, kubeconfig: Path, shared: Share) -> float:
    """Seconds from the start of `up` to the moment when the cluster has the share; the `up` goes on to its end."""
    start = time.perf_counter()
    with Client(KubeConfig.from_file(kubeconfig)) as client:
        command = [run.engine, *times.UP]
        with subprocess.Popen(command, cwd=run.folder, env=dict(run.environment), stdout=subprocess.DEVNULL) as process:
            while not shared(client) and process.poll() is None:
                time.sleep(_POLL_SECONDS)
            seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}")
    return seconds


def _has_weight(client: Client) -> bool:
    backends = client.get(_HTTP_ROUTE, "shop", namespace=times.NAMESPACE)["spec"]["rules"][0]["backendRefs"]
    return any(one["name"] == "shop-green" and one["weight"] == WEIGHT for one in backends)


def _has_istio_weight(client: Client) -> bool:
    entries = client.get(_VIRTUAL_SERVICE, "shop", namespace=times.NAMESPACE)["spec"]["http"][0]["route"]
    return any("shop-green" in one["destination"]["host"] and one.get("weight") == WEIGHT for one in entries)


def _is_attached(client: Client) -> bool:
    labels = {"cutover.dev/color": "green", "cutover.dev/live": "true"}
    return any(True for _ in client.list(Pod, namespace=times.NAMESPACE, labels=dict(labels)))


def _is_wide(client: Client) -> bool:
    spec = client.get(Service, "shop", namespace=times.NAMESPACE).spec
    return bool(spec and spec.selector and "cutover.dev/color" not in spec.selector)


def _nothing(_: int) -> None: ...
