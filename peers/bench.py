"""The cluster of `make peers`, and what its ways need of it: a client, a kubeconfig, programs on a PATH."""

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from lightkube import Client, KubeConfig

from peers import build
from peers.shell import Shell
from peers.testbed import Testbed
from sandbox.cluster import Cluster, Instance
from sandbox.cluster import build as cluster_build
from sandbox.paths import ROOT
from sandbox.pulumi import Engine
from traffic.apps import GOOD
from traffic.cells import slug
from traffic.errors import TrafficError
from traffic.responder import image
from traffic.space import Space

FOLDER = ROOT / ".sandbox" / "peers"
NETWORK = "10.221"


@dataclass(frozen=True)
class Bench:
    """The cluster while it runs, and the engine for this project's own ways."""

    cluster: Cluster
    client: Client
    engine: Engine
    say: Callable[[str], None]
    folder: Path = FOLDER

    @property
    def path(self) -> str:
        """The PATH with all programs, `cutover` among them."""
        modules = (build.ARGO, build.HELM, build.FLAGGER, cluster_build.MODULE)
        return os.pathsep.join([str(self.folder / "bin"), *(str(one.binaries) for one in modules), os.environ["PATH"]])

    def shell(self, folder: Path, namespace: str | None = None, environment: Mapping[str, str] | None = None) -> Shell:
        """A user's terminal in a folder of its own; kubectl and the others work in `namespace` there."""
        folder.mkdir(parents=True, exist_ok=True)
        config = yaml.safe_load(self.cluster.kubeconfig.read_text())
        for one in config["contexts"] if namespace else []:
            one["context"]["namespace"] = namespace
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(config))
        return Shell(folder, {**(environment or {}), "KUBECONFIG": str(kubeconfig), "PATH": self.path})

    @contextmanager
    def stand(self, name: str) -> Iterator[Testbed]:
        """A fresh namespace and a shell in it; the namespace is deleted afterwards, and nobody waits for that."""
        label = f"peers-{slug(name)}"[:63].rstrip("-")
        space = Space(self.client, label)
        space.create()
        try:
            folder = self.folder / "stands" / label
            shutil.rmtree(folder, ignore_errors=True)
            yield Testbed(self.cluster, space, self.shell(folder, label), folder)
        finally:
            space.remove()


@contextmanager
def standing(engine: Engine, say: Callable[[str], None]) -> Iterator[Bench]:
    """The cluster, brought up and removed again. Raises TrafficError, SandboxError where it cannot be."""
    with _alone():
        yield from _standing(engine, say)


@contextmanager
def _alone() -> Iterator[None]:
    """Raises TrafficError where another run has the cluster: its end would be the end of both."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrafficError("another `make peers` runs in this checkout; wait for its end, or end it.") from None
        yield


def _standing(engine: Engine, say: Callable[[str], None]) -> Iterator[Bench]:
    cluster = Cluster(Instance("peers", NETWORK, FOLDER / "cluster"), report=say)
    try:
        status = cluster.up()
        if not status.traffic:
            raise TrafficError(f"pods of {cluster.name} answer no requests: {status.node_kind} plays the node.")
        cluster.load_images(image.archive(GOOD, FOLDER / "responder.tar"))
        _command(FOLDER / "bin" / "cutover", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m cutover "$@"')
        _command(FOLDER / "bin" / "pulumi", f'exec "{engine.command}" "$@"')
        with Client(config=KubeConfig.from_file(cluster.kubeconfig).get(), trust_env=False) as client:
            yield Bench(cluster, client, engine, say)
    finally:
        cluster.down()


def _command(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
