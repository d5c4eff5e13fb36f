"""What is refused before anything is touched, and what somebody changed by hand."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.judge import COLOR, REVISION
from tests.lifecycle.kube import Namespace
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_a_bad_config_changes_nothing_and_names_every_error(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green()
    stack.must_up()
    cluster, state = views.snapshot(namespace), stack.resources()
    stack.services["shop"] = {
        **shop,
        "replicas": "three",
        "colour": "green",
        "drain_seconds": 40,
        "green": {"version": "2.0.0", "build": 1, "image": "shop:latest"},
    }
    for outcome in (stack.preview(), stack.run("up", "--yes", "--skip-preview")):
        assert outcome.code != 0
        for path in ("replicas", "colour", "termination_grace_seconds", "green.image"):
            assert f"cutover:services.shop.{path}" in outcome.said
        assert "Traceback" not in outcome.said
    assert views.snapshot(namespace) == cluster
    assert stack.resources() == state
    stack.services["shop"] = shop
    assert set(stack.must_up().changes) == {"same"}


def test_a_live_service_moved_by_hand_is_moved_back(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green()
    stack.must_up()
    stack.watcher.judges = False  # the hand that moves it is what is judged bad
    green = namespace.get("services", "shop-green")["spec"]["selector"]
    change = {"spec": {"selector": {COLOR: "green", REVISION: green[REVISION]}}}
    namespace.patch("services", "shop", change)
    noticed = stack.must_up()
    assert "shop: the live Service selects" in noticed.said
    assert "switching it back" in noticed.said
    assert views.live_color(namespace) == "blue"
    assert set(stack.must_up().changes) == {"same"}
    assert "switching" not in stack.must_up().said
    shop["active"] = "green"  # what the hand wrote is no longer the hand's
    stack.must_up()
    assert views.live_color(namespace) == "green"
    assert set(stack.run("refresh", "--yes", "--skip-preview").changes) == {"same"}


def test_a_namespace_that_is_missing(stack: Stack, namespace: Namespace) -> None:
    stack.services["shop"] = services.blue_green()
    stack.announce()
    text = stack.file.read_text().replace(namespace.name, "nowhere-to-be-found")
    stack.file.write_text(text)
    failed = stack.run("up", "--yes", "--skip-preview")
    assert failed.code != 0
    assert "nowhere-to-be-found" in failed.said
    assert "Traceback" not in failed.said


def test_a_volume_of_one_node_is_refused_for_two_colors(stack: Stack, namespace: Namespace) -> None:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }
    namespace.create_object("persistentvolumeclaims", claim)
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    stack.services["shop"] = services.blue_green(pod={"spec": {"volumes": [volume]}})
    for outcome in (stack.preview(), stack.run("up", "--yes", "--skip-preview")):
        assert outcome.code != 0
        assert "the volume claim data is ReadWriteOnce: one node alone may mount it" in outcome.said
        assert "Traceback" not in outcome.said
    assert views.pods(namespace) == []
