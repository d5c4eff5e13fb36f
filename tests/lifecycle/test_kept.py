"""`keep: 2` on the real engine: a release that is two back stands by with its pods, and the way to it starts none."""

from typing import Any

import pytest
import yaml

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import expect
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import DRAIN_SECONDS, load, load_goes_on, lost
from tests.lifecycle.services import REPOSITORY, V1, V2, V3
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
SAME = {"same"}


def of(namespace: Namespace, version: str) -> list[dict[str, Any]]:
    """The ready pods of a version."""
    found = views.ready_pods(namespace, "shop")
    return [pod for pod in found if pod["metadata"]["labels"]["app.kubernetes.io/version"] == version]


def file_says(stack: Stack) -> dict[str, Any]:
    """The version of each color and of what is kept, and the color that is active."""
    shop = yaml.safe_load(stack.file.read_text())["config"]["cutover:services"]["shop"]
    kept = [one["version"] for one in shop.get("kept", [])]
    return {"active": shop["active"], "blue": shop["blue"]["version"], "green": shop["green"]["version"], "kept": kept}


def release(stack: Stack, version: str) -> None:
    image = f"{REPOSITORY}:{version}"
    words = ("shop", "--version", version, "--build", "1", "--image", image, "--yes")
    ended = cutover(stack, "release", *words)
    assert ended.code == 0, ended.err
    assert "shop: keeps 1.0.0 build 1" in ended.out


@pytest.mark.wide
@pytest.mark.parametrize("workload", ["deployment", "replica-set"])
def test_the_way_back_over_two_releases_starts_no_pod_and_loses_no_request(
    stack: Stack, namespace: Namespace, workload: str
) -> None:
    stack.services["shop"] = services.blue_green(workload, keep=2, config={"A": "1"}, drain_seconds=DRAIN_SECONDS)
    stack.must_up()
    expect(stack, "green", V2)
    assert cutover(stack, "promote", "shop", "--yes").code == 0
    before = views.uids(of(namespace, V1))
    release(stack, V3)
    assert file_says(stack) == {"active": "green", "blue": V3, "green": V2, "kept": [V1]}
    assert views.uids(of(namespace, V1)) == before, "what stood by goes on standing by"
    assert "kept    1.0.0 build 1  standby  ✔ 2/2 pods ready" in cutover(stack, "status").out
    unknown = cutover(stack, "rollback", "shop", "--to", "9.9.9", "--yes")
    assert (unknown.code, "there are: 1.0.0 build 1, 1.1.0 build 1" in unknown.out) == (2, True), unknown

    expect(stack, "blue", V3)
    assert cutover(stack, "promote", "shop", "--yes").code == 0
    assert file_says(stack) == {"active": "blue", "blue": V3, "green": V2, "kept": [V1]}
    eventually("the kept release of the color that is idle now", lambda: len(of(namespace, V1)) == 2)
    stands_by = views.uids(of(namespace, V1))
    assert set(stack.run("up", "--yes", "--skip-preview").changes) == SAME

    with load(namespace, "shop") as probers:
        expect(stack, "green", V1)
        ended = cutover(stack, "rollback", "shop", "--to", V1, "--yes")
        load_goes_on(probers)
        result = probers["shop"].stop()
    assert ended.code == 0, ended.err
    assert lost(result) == []
    assert file_says(stack) == {"active": "green", "blue": V3, "green": V1, "kept": [V2]}
    assert views.live_color(namespace) == "green"
    assert views.uids(of(namespace, V1)) == stands_by, "the very pods that stood by"
    assert (len(of(namespace, V2)), len(of(namespace, V3))) == (2, 2)
    assert set(stack.run("up", "--yes", "--skip-preview").changes) == SAME
    (found,) = cutover(stack, "status", "--json").json()["stacks"]
    assert found["services"]["shop"]["state"] == "healthy"


@pytest.mark.wide
def test_it_is_kept_by_hand_with_labels_and_goes_with_its_line(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(
        "replica-set", cutover="labels", keep=2, green=services.release(V3), kept=[services.release(V2)]
    )
    stack.must_up()
    assert (len(of(namespace, V2)), views.attached(namespace)) == (2, {"blue"})
    kept = views.uids(of(namespace, V2))
    shop |= {"active": "green", "green": services.release(V2), "kept": [services.release(V3)]}
    stack.must_up()
    assert views.attached(namespace) == {"green"}
    assert views.uids(of(namespace, V2)) == kept, "the very pods that stood by"
    assert len(of(namespace, V3)) == 2
    del shop["kept"]
    assert stack.must_up().changes["delete"] == 1
    eventually("nothing of it", lambda: of(namespace, V3) == [])
    assert set(stack.must_up("--refresh").changes) == SAME
