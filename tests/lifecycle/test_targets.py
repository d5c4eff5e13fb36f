"""What people do with the engine past `up`: a run of one target, another name for the stack."""

import re

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import V1, V2, release
from tests.lifecycle.stack import Stack

pytestmark = pytest.mark.cluster


def live_urn(stack: Stack) -> str:
    """The URN of the live Service."""
    return next(str(row["urn"]) for row in stack.resources() if re.search(r":Service::shop$", row["urn"]))


def test_a_run_that_targets_the_live_service_cuts_over_behind_the_gates_or_refuses(
    stack: Stack, namespace: Namespace
) -> None:
    shop = stack.services["shop"] = services.blue_green(gate_timeout_seconds=4)
    stack.must_up()
    target = ("--target", live_urn(stack))

    shop["active"] = "green"
    stack.must_up(*target)
    assert views.live_color(namespace) == "green"
    assert stack.must_up().changes["same"]

    shop |= {"active": "blue", "blue": release(V2, build=2)}  # a release that the run leaves out
    refused = stack.up(*target)
    assert refused.code != 0
    assert "Duplicate resource URN" not in refused.said
    assert "shop: blue 1-1-0-b2 is not ready after 4 s: 0 of 2 pods ready" in refused.said, refused.said
    assert views.live_color(namespace) == "green"

    stack.must_up()
    assert views.live_color(namespace) == "blue"


def test_another_name_for_the_stack_rolls_no_pod(stack: Stack, namespace: Namespace) -> None:
    stack.keep_secret("db", "a password")
    stack.services["shop"] = services.blue_green("replica-set", secrets={"DB_PASSWORD": "db"}, green=None)
    stack.services["worker"] = services.rolling(secrets={"DB_PASSWORD": "db"})
    stack.must_up()
    before = views.uids(namespace.items("pods"))

    assert stack.run("stack", "rename", "renamed").code == 0
    stack.name = "renamed"
    stack.must_up()
    assert views.uids(namespace.items("pods")) == before
    assert namespace.get("services", "shop")["metadata"]["annotations"]["cutover.dev/stack"] == "cutover/renamed"
    stack.services["shop"]["blue"] = release(V1)
    assert stack.must_up().changes.keys() == {"same"}
