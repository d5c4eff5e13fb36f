"""A second sandbox beside the main one: up, a pod answers, down, nothing stays."""

import json
import os
import signal
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lightkube import Client, KubeConfig
from lightkube.models.core_v1 import Container, HTTPGetAction, PodSpec, PodStatus, Probe
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Pod

from sandbox.cluster import Cluster, Instance, SandboxError, capability, network, processes
from sandbox.cluster.images import PORT, REPOSITORY
from tests.patience import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.cluster  # each has a name and a network to itself: they may run side by side


@pytest.fixture
def state() -> Iterator[Path]:
    """A folder of a short name: the path of a socket has at most 107 characters, and a worker's own is long."""
    with tempfile.TemporaryDirectory(prefix="cutover-") as folder:
        yield Path(folder) / "state"


@pytest.fixture
def own(state: Path) -> Iterator[Cluster]:
    own = Cluster(Instance("test", "198.19", state))
    yield own
    own.down()


@pytest.fixture
def played(state: Path) -> Iterator[Cluster]:
    """One for kwok."""
    own = Cluster(Instance("kwok", "10.217", state))
    yield own
    own.down()


def _pod(tag: str) -> Pod:
    ready = Probe(httpGet=HTTPGetAction(path="/readyz", port=PORT), periodSeconds=1)
    container = Container(name="app", image=f"{REPOSITORY}:{tag}", imagePullPolicy="IfNotPresent", readinessProbe=ready)
    return Pod(metadata=ObjectMeta(name="app", namespace="default"), spec=PodSpec(containers=[container]))


def _wait(condition: Callable[[], bool]) -> None:
    eventually("what the test is about", condition)


def _address_of_ready_pod(own: Cluster, tag: str) -> str:
    def status() -> PodStatus:
        return client.get(Pod, "app", namespace="default").status or PodStatus()

    with Client(config=KubeConfig.from_file(own.kubeconfig), trust_env=False) as client:
        client.create(_pod(tag))
        _wait(lambda: any(one.type == "Ready" and one.status == "True" for one in status().conditions or []))
        return status().podIP or ""


def _node(own: Cluster) -> int:
    return next(one.pid for one in processes.owned(own.instance.state) if one.is_node)


def test_up_answers_survives_a_crash_and_leaves_nothing(own: Cluster, tmp_path: Path) -> None:
    if obstacle := capability.node_kind(())[1]:
        pytest.skip(f"no pod can run here: {obstacle}")
    assert own.up().traffic
    node = _node(own)
    assert own.up().ready
    assert _node(own) == node, "a second `up` has nothing to do"

    address = _address_of_ready_pod(own, "1.1.0")
    with urllib.request.urlopen(f"http://{address}:{PORT}/version", timeout=PATIENCE_SECONDS) as answer:
        assert json.load(answer)["version"] == "1.1.0"
    assert own.status().pods == 1
    own.flush_conntrack()
    own.flush_conntrack(own.instance.api_service_ip)
    assert own.execute(["kubectl", "get", "nodes"]) == 0

    with pytest.raises(SandboxError, match="does not take the images in"):
        own.load_images(tmp_path / "no.tar")
    own.pause("kube-apiserver")
    assert not own.status().ready, "a paused component answers nobody"
    own.resume("kube-apiserver")
    _wait(lambda: own.status().ready)
    own.restart("kube-scheduler")
    with pytest.raises(SandboxError, match="starts it again"):
        own.pause("kube-scheduler")
    with pytest.raises(SandboxError, match="no component 'kube-dns': it has containerd"):
        own.pause("kube-dns")

    clashing = Cluster(Instance("clash", "198.19", own.instance.state.parent / "clash"))
    with pytest.raises(SandboxError, match="is routed already"):
        clashing.up()
    assert own.up().ready, "another checkout's failure is not ours"

    os.kill(node, signal.SIGKILL)
    _wait(lambda: not own.status().ready)
    _wait(lambda: len(network.leftovers(own.instance)) == 1)  # the kernel removes the link a moment later
    assert clashing.up().ready, "a crash leaves the addresses to others"
    clashing.down()
    assert own.leftovers(), "cgroups and routes outlive a crash"
    own.down()
    assert own.leftovers() == []
    assert [path.name for path in own.instance.state.iterdir()] == ["lock"]


def test_kwok_plays_the_node_without_root_or_network(played: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUTOVER_SANDBOX_NODE", "kwok")
    status = played.up()
    assert status.node_kind == "kwok"
    assert not status.traffic
    assert _address_of_ready_pod(played, "1.1.0").startswith("10.217.64.")

    os.kill(_node(played), signal.SIGKILL)  # its children live on: `down` still finds them
    assert processes.owned(played.instance.state)
    played.down()
    assert played.leftovers() == []
