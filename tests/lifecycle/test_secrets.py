"""Configuration and secrets travel with a release: a rollback has the old ones, and nothing in use is ever removed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lifecycle import kills, services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import DRAIN_SECONDS, load, lost
from tests.lifecycle.services import BROKEN, UNREADY, V1, V2, V3, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]

FOLDER = "/etc/shop"


def with_content(tag: str, number: int, **changes: Any) -> dict[str, Any]:
    """A release with a variable, a file and a secret of its own."""
    return release(
        tag,
        config={"MODE": f"mode-{number}"},
        config_files={f"{FOLDER}/shop.yaml": f"number: {number}\n"},
        secrets={"DB_PASSWORD": f"db-{number}"},
        **changes,
    )


@pytest.fixture
def stack(stack: Stack) -> Stack:
    for number in (1, 2, 3):
        stack.keep_secret(f"db-{number}", f"password {number}")
    return stack


def content(namespace: Namespace, pod: dict[str, Any]) -> tuple[str | None, str | None, str]:
    """What a pod sees: its secret, its variable, its file."""
    name = pod["metadata"]["name"]
    env = dict(line.split("=", 1) for line in json.loads(namespace.ask_pod(name, "env")))
    files = json.loads(namespace.ask_pod(name, "configs"))
    return env.get("DB_PASSWORD"), env.get("MODE"), files["shop.yaml"]


def served(namespace: Namespace, color: str | None = None, service: str = "shop") -> set[tuple[str | None, ...]]:
    """What the ready pods of a service see."""
    return {content(namespace, pod) for pod in views.ready_pods(namespace, service, color)}


def seen(number: int) -> set[tuple[str | None, ...]]:
    return {(f"password {number}", f"mode-{number}", f"number: {number}\n")}


def made(namespace: Namespace) -> dict[str, list[str]]:
    """The names of all that travels with releases."""
    maps = [name for name in namespace.names("configmaps") if name != "kube-root-ca.crt"]
    return {"configmaps": maps, "secrets": namespace.names("secrets")}


def of_color(found: dict[str, list[str]], color: str) -> set[str]:
    return {name for names in found.values() for name in names if f"-{color}-" in name}


def test_a_rollback_brings_the_old_content_back(stack: Stack, namespace: Namespace) -> None:
    args = [f"--config-path={FOLDER}"]
    shop = stack.services["shop"] = services.blue_green(args=args, blue=with_content(V1, 1), green=None)
    stack.must_up()
    assert served(namespace) == seen(1)
    first = made(namespace)
    assert {kind: len(names) for kind, names in first.items()} == {"configmaps": 2, "secrets": 1}
    assert all(namespace.get(kind, name)["immutable"] for kind, names in first.items() for name in names)

    shop |= {"green": with_content(V2, 2), "active": "green"}
    stack.must_up()
    assert served(namespace, "green") == seen(2)
    eventually("the recycled standby", lambda: len(views.ready_pods(namespace, color="blue")) == 2)
    assert served(namespace, "blue") == seen(1)  # pods that were born after the cutover
    both = made(namespace)
    assert of_color(both, "blue") == of_color(first, "blue")

    shop["active"] = "blue"
    assert stack.must_up().changes["update"] == 1
    assert made(namespace) == both
    assert served(namespace, "blue") == seen(1)

    shop["green"] = with_content(V3, 3)
    stack.must_up()
    after = made(namespace)
    assert of_color(after, "blue") == of_color(both, "blue")
    assert of_color(after, "green").isdisjoint(of_color(both, "green"))
    assert len(of_color(after, "green")) == 3
    assert set(stack.must_up().changes) == {"same"}
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


def test_an_up_that_fails_midway_removes_nothing_that_is_in_use(stack: Stack, namespace: Namespace) -> None:
    args = [f"--config-path={FOLDER}"]
    releases = {"blue": with_content(V1, 1), "green": with_content(V2, 2)}
    shop = stack.services["shop"] = services.blue_green("replica-set", args=args, smoke=services.SMOKE, **releases)
    stack.must_up()
    before = made(namespace)
    shop |= {"green": with_content(BROKEN, 3), "active": "green", "smoke": services.IMPATIENT}
    assert "failed its smoke check" in stack.up().said
    midway = made(namespace)
    assert of_color(midway, "blue") == of_color(before, "blue")
    assert of_color(midway, "green") > of_color(before, "green")
    assert served(namespace, "blue") == seen(1)
    shop |= {**releases, "active": "blue", "smoke": services.SMOKE}
    stack.must_up()
    assert made(namespace) == before
    assert served(namespace, "green") == seen(2)


def test_no_request_is_lost_while_a_secret_is_rotated(stack: Stack, namespace: Namespace) -> None:
    """Another value under the same key, rolled out to what serves; then a new key with a new release, and back."""
    args = [f"--config-path={FOLDER}"]
    drains: dict[str, Any] = {"args": args, "env": {}, "drain_seconds": DRAIN_SECONDS}
    shop = stack.services["shop"] = services.blue_green(**drains, blue=with_content(V1, 1), green=None)
    stack.must_up()
    before = made(namespace)
    with load(namespace, "shop") as probers:
        stack.keep_secret("db-1", "changed")
        stack.must_up()
        after = made(namespace)
        new = {("changed", "mode-1", "number: 1\n")}
        assert served(namespace) == new
        shop |= {"green": with_content(V1, 2, build=2), "active": "green"}
        stack.must_up()
        assert served(namespace, "green") == seen(2)
        shop["active"] = "blue"
        stack.must_up()
        assert served(namespace, "blue") == new
        assert lost(probers["shop"].stop()) == []
    assert after["configmaps"] == before["configmaps"]
    assert set(after["secrets"]).isdisjoint(before["secrets"])


def test_killed_once_the_secret_is_made(stack: Stack, namespace: Namespace, tmp_path: Path) -> None:
    args = [f"--config-path={FOLDER}"]
    shop = stack.services["shop"] = services.blue_green(args=args, blue=with_content(V1, 1), green=None)
    stack.must_up()
    shop |= {"green": with_content(V2, 2), "active": "green"}
    killed, _ = kills.up_killed(
        stack, tmp_path / "events.jsonl", "group", lambda _: len(namespace.names("secrets")) == 2
    )
    assert killed
    kills.up_again(stack)
    assert served(namespace, "green") == seen(2)
    assert len(namespace.names("secrets")) == 2
    assert set(stack.must_up().changes) == {"same"}


def test_a_rolling_update_that_fails_keeps_the_old_content(stack: Stack, namespace: Namespace) -> None:
    args = [f"--config-path={FOLDER}"]
    app = stack.services["app"] = services.rolling(args=args, release=with_content(V1, 1))
    stack.must_up()
    before = made(namespace)
    app |= {"release": with_content(UNREADY, 2), "progress_deadline_seconds": 4}
    assert stack.up().code != 0
    assert all(set(names) < set(made(namespace)[kind]) for kind, names in before.items())
    assert served(namespace, service="app") == seen(1)
    app |= {"release": with_content(V3, 3), "progress_deadline_seconds": 60}
    stack.must_up()
    eventually("the new pods", lambda: len(views.pods(namespace, "app")) == 2)
    assert served(namespace, service="app") == seen(3)
    after = made(namespace)
    assert {kind: len(names) for kind, names in after.items()} == {"configmaps": 2, "secrets": 1}
    assert set(after["secrets"]).isdisjoint(before["secrets"])
