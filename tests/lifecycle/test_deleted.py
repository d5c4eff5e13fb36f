"""What somebody deleted, on the real engine: a plain run names it and how it comes back, the driver makes it again."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import expect, release_words, write_shop
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
GREEN = "shop-green-1-1-0-b1"


def test_a_plain_run_names_what_is_missing_and_its_advice_helps(stack: Stack, namespace: Namespace) -> None:
    stack.watcher.judges = False  # without its Service nobody is served
    stack.services["shop"] = services.blue_green()
    stack.must_up()
    deleted = {"services": ["shop", "shop-green"], "deployments": [GREEN], "poddisruptionbudgets": ["shop-blue"]}
    for plural, names in deleted.items():
        for name in names:
            namespace.delete_object(plural, name)
    for outcome in (stack.preview(), stack.up()):
        assert outcome.code != 0
        assert "Traceback" not in outcome.said
        for name in ("service/shop,", "service/shop-green", f"deployment/{GREEN}", "poddisruptionbudget/shop-blue"):
            assert name in outcome.said, outcome.said
        assert "`pulumi up --refresh`" in outcome.said
    stack.must_up("--refresh")
    assert all(namespace.find(plural, name) for plural, names in deleted.items() for name in names)
    eventually("both colors", lambda: all(len(views.ready_pods(namespace, color=c)) == 2 for c in ("blue", "green")))
    assert stack.preview().changes.keys() == {"same"}
    assert set(stack.must_up().changes) == {"same"}


def test_the_driver_makes_it_again(stack: Stack, namespace: Namespace) -> None:
    stack.watcher.judges = False
    write_shop(stack)
    assert cutover(stack, "up", "--yes").code == 0
    assert cutover(stack, "release", "shop", *release_words(V2), "--yes").code == 0

    namespace.delete_object("services", "shop")
    namespace.delete_object("deployments", GREEN)
    planned = cutover(stack, "plan")
    assert planned.code == 0, planned
    assert "create Service shop" in planned.out
    up = cutover(stack, "up", "--yes")
    assert up.code == 0, up
    assert "with service/shop went what was noted on it" in up.err + up.out
    assert "is not in the cluster" in up.err + up.out or "are not in the cluster" in up.err + up.out
    assert len(views.ready_pods(namespace, color="green")) == 2
    assert views.live_color(namespace) == "blue"
    assert '"role": "standby"' not in cutover(stack, "status", "--json").out

    namespace.delete_object("services", "shop")
    namespace.delete_object("services", "shop-green")
    expect(stack, "green", V2)
    promoted = cutover(stack, "promote", "--yes")
    assert promoted.code == 0, promoted
    assert views.live_color(namespace) == "green"

    namespace.delete_object("deployments", "shop-blue-1-0-0-b1")
    back = cutover(stack, "rollback", "--yes")
    assert back.code == 0, back
    assert views.live_color(namespace) == "blue"
    assert len(views.ready_pods(namespace, color="blue")) == 2
    done = cutover(stack, "up", "--yes")
    assert (done.code, "nothing to do" in done.out + done.err) == (0, True), done
