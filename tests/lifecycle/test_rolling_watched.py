"""A rolling release that is watched once it is out: it turns bad, and the release before comes back by itself."""

import threading
import time

import pytest
import yaml

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import release_words
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import SMOKE, V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]


def test_a_rolling_release_that_turns_bad_goes_back_by_itself(stack: Stack, namespace: Namespace) -> None:
    stack.services["app"] = services.rolling(smoke=SMOKE)
    stack.must_up()
    before = yaml.safe_load(stack.file.read_text())
    stack.watcher.judges = False  # pods go bad while they are live

    def spoil() -> None:
        eventually("the rollout", lambda: views.images(views.pods(namespace, "app")) == {V2})
        time.sleep(3)  # the `up` has ended, and the watch has begun
        namespace.make_unready(*views.names(views.pods(namespace, "app")))

    trouble = threading.Thread(target=spoil)
    trouble.start()
    ended = cutover(stack, "release", "app", *release_words(V2), "--roll-out", "--bake", "90s", "--yes", "--json")
    trouble.join()
    document = ended.json()
    assert ended.code == 1, ended
    assert "went back: app to 1.0.0 build 1 again" in document["message"]
    assert document["bake"]["passed"] is False
    assert document["reverted"] == {"app": "1.0.0 build 1"}
    assert yaml.safe_load(stack.file.read_text()) == before
    assert views.images(views.ready_pods(namespace, "app")) == {V1}
    assert cutover(stack, "up", "--yes").out.endswith("nothing to do\n")


def test_one_that_turns_bad_while_it_is_rolled_out_ends_the_rollout(stack: Stack, namespace: Namespace) -> None:
    """Its pods stay ready, and answer the smoke check wrongly: `/readyz` is nobody's readiness here."""
    smoke = {**SMOKE, "path": "/readyz", "expect_body": None}
    settings = {"readiness": {"path": "/healthz"}, "replicas": 4, "max_surge": 1, "min_ready_seconds": 5}
    stack.services["app"] = services.rolling(smoke=smoke, **settings)
    stack.must_up()
    before = yaml.safe_load(stack.file.read_text())
    old = set(views.names(views.pods(namespace, "app")))
    stack.watcher.judges = False  # pods go bad while they are live

    def spoil() -> None:
        def new() -> list[str]:
            return [name for name in views.names(views.ready_pods(namespace, "app")) if name not in old]

        eventually("a new pod", lambda: bool(new()))
        namespace.make_unready(new()[0])

    trouble = threading.Thread(target=spoil)
    trouble.start()
    ended = cutover(stack, "release", "app", *release_words(V2), "--roll-out", "--bake", "90s", "--yes", "--json")
    trouble.join()
    assert ended.code == 1, ended
    assert "probe app, new pods failed" in ended.json()["message"]
    assert "went back: app to 1.0.0 build 1 again" in ended.json()["message"]
    assert yaml.safe_load(stack.file.read_text()) == before
    kept = views.ready_pods(namespace, "app")
    assert views.images(kept) == {V1}
    assert old & set(views.names(kept)), "the last old pods were never replaced"
    assert cutover(stack, "up", "--yes").out.endswith("nothing to do\n")
