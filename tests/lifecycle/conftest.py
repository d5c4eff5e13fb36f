"""A namespace, a stack and a watcher per test."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from sandbox.cluster import Cluster, SandboxError
from sandbox.gateway import NAME, NAMESPACE, Address, Gateway
from sandbox.pulumi import Engine
from tests.lifecycle import kills
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.stack import Stack
from tests.lifecycle.watcher import Watcher

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def admin(cluster: Kubernetes) -> Iterator[httpx2.Client]:
    """The administrator's connection."""
    with cluster.connect() as http:
        yield http


@pytest.fixture(scope="session")
def gateway(cluster: Kubernetes, admin: httpx2.Client) -> Address:
    """The sandbox's gateway, up by now where a test of tests/lifecycle/gateway was collected (tests/workers.py)."""
    if not cluster.traffic:
        pytest.skip(f"no gateway runs on {cluster.name}: its pods answer no requests")
    if os.environ.get("CUTOVER_CONTEXT"):
        found = admin.get(f"/api/v1/namespaces/{NAMESPACE}/services/{NAME}")
        if found.status_code != 200:
            pytest.skip(f"{cluster.name} has no {NAMESPACE}/{NAME}, and only the sandbox's cluster is given one")
        return Address(found.json()["spec"]["clusterIP"])
    try:
        return Gateway(Cluster()).up()
    except SandboxError as error:
        pytest.fail(f"no gateway to test on: {error}", pytrace=False)


@pytest.fixture
def namespace(admin: httpx2.Client) -> Iterator[Namespace]:
    """A namespace of this test's own, which admits only pods of the "restricted" standard."""
    made = Namespace.create(admin, f"lifecycle-{os.getpid()}-{next(_numbers)}")
    yield made
    made.delete()


@pytest.fixture
def watcher(cluster: Kubernetes, namespace: Namespace) -> Iterator[Watcher]:
    """The recorder of what happened in the namespace."""
    made = Watcher(cluster, namespace)
    yield made
    made.stop()


@pytest.fixture
def stack(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, watcher: Watcher, tmp_path: Path
) -> Iterator[Stack]:
    """An empty stack, deployed as the ServiceAccount of docs/rbac.yaml."""
    made = Stack(engine, tmp_path / "stack", namespace, watcher)
    made.create(cluster.kubeconfig(namespace.name, namespace.token()))
    yield made
    kills.end_leftovers(made)


@pytest.fixture(autouse=True)
def never_a_bad_moment(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test does with its stack: no live Service ever selects a pod that must not get traffic."""
    watcher = request.getfixturevalue("watcher") if "stack" in request.fixturenames else None
    yield
    if watcher and watcher.judges:
        assert watcher.violations() == []
