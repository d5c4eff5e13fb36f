"""Images that nobody can pull, pods that a policy or a quota refuses: said, and ended long before the time limit."""

import pytest

from tests.lifecycle import views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import expect, release_words, write_shop
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import REPOSITORY, V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


WORKER = """
    worker:
      strategy: rolling
      port: 9898
      replicas: 1
      min_ready_seconds: 0
      progress_deadline_seconds: 3000
      readiness: {path: /readyz, period_seconds: 1, timeout_seconds: 10}
      security: {allow_privilege_escalation: true}
      release: {version: 1.0.0, build: 1, image: "cutover.local/podinfo:1.0.0"}

# the end
"""
QUOTA = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few"}, "spec": {"hard": {"pods": "3"}}}


def test_what_cannot_come_up_ends_with_the_reason(stack: Stack, namespace: Namespace) -> None:
    write_shop(stack)
    patient = "progress_deadline_seconds: 3000"  # longer than the test may take
    text = stack.file.read_text().replace("progress_deadline_seconds: 60", patient).replace("\n# the end\n", WORKER)
    stack.file.write_text(text)
    expect(stack, "blue", V1)
    policy = cutover(stack, "up", "--yes")
    assert policy.code == 1, policy
    assert "worker: the rollout to 1-0-0-b1 is not complete: its pods cannot become ready: FailedCreate: " in policy.out
    assert 'violates PodSecurity "restricted' in policy.out
    stack.file.write_text(text.replace("      security: {allow_privilege_escalation: true}\n", ""))
    assert cutover(stack, "up", "--yes").code == 0
    before = stack.file.read_bytes()

    namespace.create_object("resourcequotas", QUOTA)
    full = cutover(stack, "release", "shop", *release_words(V2), "--yes")
    assert full.code == 3, full
    assert "error: shop: green 1-1-0-b1 cannot become ready: FailedCreate: " in full.out + full.err
    assert "exceeded quota: few" in full.out + full.err
    assert stack.file.read_bytes() == before
    namespace.delete_object("resourcequotas", "few")

    ended = cutover(stack, "release", "shop", *release_words("9.9.9"), "--yes")
    assert ended.code == 3, ended
    said = ended.out + ended.err
    assert "error: shop: green 9-9-9-b1 cannot become ready: shop-green-9-9-9-b1-" in said
    assert "Refused before the switch: traffic stays where it was." in said
    assert f"{REPOSITORY}:9.9.9" in said
    assert "Traceback" not in said
    assert stack.file.read_bytes() == before

    assert cutover(stack, "release", "shop", *release_words(V2), "--yes").code == 0
    assert len(views.ready_pods(namespace, color="green")) == 2

    stack.watcher.judges = False  # fewer pods than the config says, by hand
    namespace.patch("deployments", "shop-blue-1-0-0-b1", {"spec": {"replicas": 1}})  # as `kubectl scale` does
    scaled = cutover(stack, "up", "--yes")
    assert scaled.code == 0, scaled
    assert "somebody scaled it; scaling it back" in scaled.out + scaled.err
    assert len(views.ready_pods(namespace, color="blue")) == 2
