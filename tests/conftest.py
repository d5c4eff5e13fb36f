"""What the tests of several folders share: a cluster and an engine, found or started once per session.

CUTOVER_CONTEXT names a context of your own kubeconfig to use instead of the sandbox's cluster, CUTOVER_PULUMI an
executable of the Pulumi CLI to use.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from cutover.operations.command.run import SIGNALS
from sandbox.cluster import Cluster, SandboxError
from sandbox.pulumi import Engine, choose
from tests.lifecycle.kube import Kubernetes, named
from tests.packaged import build

pytest_plugins = ("tests.workers",)

# A shell starts what it puts in the background with SIGINT ignored, nohup with SIGHUP, and so would be all programs
# that tests signal. A handler of Python's is no program's that is started.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

# How long an example takes says how busy the machine is, and no more.
hypothesis.settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any-machine")


def _own_kubeconfig() -> Path:
    listed = [Path(part) for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return next((path for path in listed if path.is_file()), Path("~/.kube/config").expanduser())


@pytest.fixture(scope="session")
def cluster() -> Kubernetes:
    """The reader's cluster where CUTOVER_CONTEXT names one, else the sandbox's, up by now (tests/workers.py)."""
    if context := os.environ.get("CUTOVER_CONTEXT"):
        return named(_own_kubeconfig(), context, name=f"context {context}", traffic=True)
    sandbox = Cluster()
    try:
        status = sandbox.up()
    except SandboxError as error:
        pytest.fail(f"no cluster to test on: {error}", pytrace=False)
    return named(sandbox.kubeconfig, None, name=f"the sandbox's, {status.node_kind}", traffic=status.traffic)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The Pulumi CLI that the tests drive: CUTOVER_PULUMI, the one on the PATH, or one that is built once."""
    try:
        return choose(None, print)
    except SandboxError as error:
        pytest.fail(f"no engine to test with: {error}", pytrace=False)


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """The driver takes signals for the rest of its process, which here is the process of other tests as well."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def _real_pods_only(request: pytest.FixtureRequest) -> None:
    """Tests marked `traffic` need pods that answer."""
    if request.node.get_closest_marker("traffic"):
        found: Kubernetes = request.getfixturevalue("cluster")
        if not found.traffic:
            pytest.skip(f"pods answer no requests on {found.name}: kwok plays the node")
