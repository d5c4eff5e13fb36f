"""An image that nobody can pull: the driver says so and ends, long before the engine's time limit."""

import pytest

from tests.lifecycle import views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import expect, write_shop
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import REPOSITORY, V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_a_release_whose_image_is_missing_ends_with_the_reason(stack: Stack, namespace: Namespace) -> None:
    write_shop(stack)
    patient = "progress_deadline_seconds: 3000"  # longer than the test may take
    stack.file.write_text(stack.file.read_text().replace("progress_deadline_seconds: 60", patient))
    expect(stack, "blue", V1)
    assert cutover(stack, "up", "--yes").code == 0
    before = stack.file.read_bytes()

    words = ("--version", "9.9.9", "--build", "1", "--image", f"{REPOSITORY}:9.9.9", "--yes")
    ended = cutover(stack, "release", "shop", *words)
    assert ended.code == 3, ended
    said = ended.out + ended.err
    assert "error: shop: green 9-9-9-b1 cannot become ready: shop-green-9-9-9-b1-" in said
    assert "Refused before the switch: traffic stays where it was." in said
    assert f"{REPOSITORY}:9.9.9" in said
    assert "Traceback" not in said
    assert stack.file.read_bytes() == before

    good = ("--version", V2, "--build", "1", "--image", f"{REPOSITORY}:{V2}", "--yes")
    assert cutover(stack, "release", "shop", *good).code == 0
    assert len(views.ready_pods(namespace, color="green")) == 2

    stack.watcher.judges = False  # fewer pods than the config says, by hand
    namespace.patch("deployments", "shop-blue-1-0-0-b1", {"spec": {"replicas": 1}})  # as `kubectl scale` does
    scaled = cutover(stack, "up", "--yes")
    assert scaled.code == 0, scaled
    assert "somebody scaled it; scaling it back" in scaled.out + scaled.err
    assert len(views.ready_pods(namespace, color="blue")) == 2
