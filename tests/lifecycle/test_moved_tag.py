"""A tag that is moved between two pulls of one release, on a real node: refused, said, and settled by a digest."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lightkube import KubeConfig

from sandbox import golang
from sandbox.cluster import Cluster, build, images
from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Kubernetes, Namespace, eventually
from tests.lifecycle.stack import Stack
from tests.unit.cutover.servers import Reply, serve

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
NAME = f"cutover.local/moved-{os.getpid()}"
TAG = f"{NAME}:1"

Move = Callable[[str], None]


@pytest.fixture
def move(cluster: Kubernetes, tmp_path: Path) -> Move:
    """Lets TAG name what a tag of the sandbox's own images does. Reaches into the node, so the sandbox's only."""
    sandbox = Cluster()
    own = KubeConfig.from_file(sandbox.kubeconfig).get() if sandbox.status().traffic else None
    if own is None or own.cluster.server != cluster.config.cluster.server:
        pytest.skip("another cluster than the sandbox's is under test: its nodes are out of reach")
    known = {image.reference: image for image in images.catalog(build.MODULE.binaries, b"<html>")}

    def to(tag: str) -> None:
        moved = replace(known[f"{images.REPOSITORY}:{tag}"], reference=TAG)
        archive = tmp_path / "moved.tar"
        archive.write_bytes(images.layout([moved], golang.architecture()))
        sandbox.load_images(archive)

    return to


def _ids(namespace: Namespace) -> dict[str, str]:
    """Green's pods and the digest that each runs."""
    found = views.ready_pods(namespace, color="green")
    ids = {pod["metadata"]["name"]: pod["status"]["containerStatuses"][0]["imageID"] for pod in found}
    return {name: image_id.partition("@")[2] for name, image_id in ids.items()}


def test_a_release_of_two_contents_gets_no_traffic(stack: Stack, namespace: Namespace, move: Move) -> None:
    move("1.1.0")
    green = {"version": "1.1.0", "build": 1, "image": TAG}
    shop = stack.services["shop"] = services.blue_green(green=green)
    stack.must_up()
    before = _ids(namespace)
    assert len(set(before.values())) == 1

    move("1.2.0")
    namespace.delete_object("pods", min(before))
    eventually("two ready pods of green", lambda: len(set(_ids(namespace)) - {min(before)}) == 2)
    assert len(set(_ids(namespace).values())) == 2

    shop["active"] = "green"
    refused = stack.up()
    assert refused.code != 0
    assert f"run different images under one tag, {TAG}: sha256:" in refused.said
    assert "Refused before the switch: traffic stays where it was" in refused.said
    assert views.live_color(namespace) == "blue"
    shop["active"] = "blue"
    stack.must_up()

    looked = cutover(stack, "status")  # what the gate refused still waits: degraded comes before the difference
    assert looked.code == 1, looked
    assert "1.1.0 build 1 on green was refused" in looked.out
    assert f"image: config {TAG}, one, cluster several: sha256:" in looked.out
    assert cutover(stack, "promote", "--yes").code == 3
    assert cutover(stack, "statement", "shop", "--color", "green").code == 6

    (digest,) = set(_ids(namespace).values()) - set(before.values())
    with serve(Reply(headers={"Docker-Content-Digest": digest})) as server:
        words = ("shop", "--version", "1.2.0", "--build", "2", "--image", TAG, "--pin", "--yes")
        pinned = cutover(stack, "release", *words, HTTP_PROXY=server.url, CUTOVER_PLAIN_HTTP="cutover.local")
    assert pinned.code == 0, pinned
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    assert cutover(stack, "promote", "--yes").code == 0
    assert set(_ids(namespace).values()) == {digest}
    assert cutover(stack, "status").code == 0
