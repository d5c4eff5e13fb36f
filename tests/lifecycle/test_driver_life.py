"""The driver's verbs in the order of a service's life, on the real API server: what they say, write and leave."""

import subprocess
import threading
import time
from datetime import datetime

import pytest

from tests.lifecycle import views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import GIT, expect, release_words, write_shop
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1, V2, V3
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_a_service_from_its_first_release_to_its_end(stack: Stack, namespace: Namespace) -> None:
    text = write_shop(stack)
    git(stack, "init", "--quiet")
    git(stack, "add", ".")
    git(stack, "commit", "--quiet", "-m", "begin")
    expect(stack, "blue", V1)
    assert cutover(stack, "up", "--yes").code == 0
    again = cutover(stack, "up", "--yes", "--json")
    assert (again.code, again.json()["result"], again.json()["changed"]) == (0, "nothing-to-do", False)
    assert stack.file.read_text() == text

    made = cutover(stack, "release", "shop", *release_words(V2), "--yes", "--commit", **GIT)
    assert made.code == 0, made
    assert "shop: green is ready with 1.1.0 build 1; `cutover promote shop` sends it the traffic" in made.out
    assert views.live_color(namespace) == "blue"
    added = "      green:\n        version: 1.1.0\n        build: 1\n        image: cutover.local/podinfo:1.1.0\n"
    assert stack.file.read_text() == text.replace('podinfo:1.0.0" }\n', f'podinfo:1.0.0" }}\n{added}')
    assert git(stack, "log", "-1", "--format=%s") == "deploy(test): release shop 1.1.0 build 1 on green\n"
    assert git(stack, "show", "--name-only", "--format=") == "Pulumi.test.yaml\n"
    assert cutover(stack, "release", "shop", *release_words(V2), "--yes").out.endswith("nothing to do\n")

    planned = cutover(stack, "plan", "--promote", "shop")
    assert planned.code == 0, planned
    assert "traffic   switches blue 1-0-0-b1 -> green 1-1-0-b1, after the gates" in planned.out
    assert "gates     2 of 2 pods ready within 30 s" in planned.out
    assert views.live_color(namespace) == "blue"

    expect(stack, "green", V2)
    switched = cutover(stack, "promote", "--yes", "--json")
    assert switched.code == 0, switched
    assert switched.json()["switched"] == {"shop": "green"}
    assert "switched blue 1-0-0-b1 -> green 1-1-0-b1" in switched.err
    assert "active: green          # the color that serves" in stack.file.read_text()
    assert cutover(stack, "promote", "--yes").out.endswith("shop: green is already live; nothing to do\n")

    expect(stack, "blue", V1)
    back = cutover(stack, "rollback", "--now", "--yes", "--json")
    assert back.code == 0, back
    assert views.live_color(namespace) == "blue"
    after = cutover(stack, "up", "--yes")
    assert (after.code, after.out.endswith("nothing to do\n")) == (0, True)

    assert cutover(stack, "abort", "--yes").out.endswith("shop: no release waits; nothing to do\n")
    assert cutover(stack, "release", "shop", *release_words(V3), "--yes").code == 0
    given_up = cutover(stack, "abort", "--yes")
    assert given_up.code == 0, given_up
    assert "gave up shop green 1.2.0 build 1, back to 1.1.0 build 1" in given_up.out
    assert views.revisions(namespace, color="green") == {"1-1-0-b1"}

    expect(stack, "green", V2)
    listed = cutover(stack, "history", "--json").json()["updates"]
    promoted = next(entry for entry in listed if entry["message"] == "promote shop to green 1.1.0 build 1")
    live = promoted["live"]["shop"]
    assert (live["color"], live["version"], live["build"]) == ("green", "1.1.0", 1)
    assert promoted["moved"] == ["shop"]
    assert len(promoted["commit"]) == 40
    to = cutover(stack, "rollback", "--to", str(promoted["number"]), "--yes")
    assert to.code == 0, to
    assert views.live_color(namespace) == "green"
    twice = cutover(stack, "rollback", "--to", str(promoted["number"]), "--yes")
    assert (twice.code, "nothing to do" in twice.out) == (0, True)

    expect(stack, "blue", V3)
    at_once = cutover(stack, "release", "shop", *release_words(V3), "--promote", "--after", "1s", "--yes", "--json")
    assert at_once.code == 0, at_once
    assert (at_once.json()["verb"], at_once.json()["switched"]) == ("release", {"shop": "blue"})
    assert "promoting at" in at_once.err
    assert views.images(views.ready_pods(namespace, "shop", "blue")) == {V3}
    once_more = cutover(stack, "release", "shop", *release_words(V3), "--promote", "--yes")
    assert (once_more.code, "already live" in once_more.out) == (0, True)

    stack.watcher.plan({})
    assert cutover(stack, "destroy", "--yes").code == 0
    assert cutover(stack, "destroy", "--yes").out.endswith("test has nothing; nothing to do\n")
    assert namespace.names("services") == []


def test_a_bake_that_fails_goes_back_by_itself(stack: Stack, namespace: Namespace) -> None:
    text = write_shop(stack)
    assert cutover(stack, "up", "--yes").code == 0
    good = cutover(stack, "release", "shop", *release_words(V2), "--yes")
    assert good.code == 0, good
    before = stack.file.read_bytes()
    stack.watcher.judges = False  # pods go bad while they are live
    times: dict[str, float] = {}

    def spoil() -> None:
        eventually("the switch", lambda: views.live_color(namespace) == "green")
        eventually(
            "the drain", lambda: "completed" in str(namespace.get("services", "shop")["metadata"]["annotations"])
        )
        time.sleep(2)
        namespace.make_unready(*views.names(views.pods(namespace, color="green")))
        eventually("the way back", lambda: views.live_color(namespace) == "blue")
        times["back"] = time.time()

    trouble = threading.Thread(target=spoil)
    trouble.start()
    ended = cutover(stack, "promote", "--bake", "60s", "--interval", "0.5s", "--yes", "--json")
    trouble.join()
    document = ended.json()
    assert ended.code == 1, ended
    assert "went back: shop to blue again" in document["message"]
    assert document["bake"]["passed"] is False
    assert document["bake"]["failed"][0]["measurement"] == "probe shop"
    first = datetime.fromisoformat(document["bake"]["firstFailure"]["at"]).timestamp()
    assert first < times["back"]
    assert stack.file.read_bytes() == before != text.encode()
    assert cutover(stack, "up", "--yes").out.endswith("nothing to do\n")


def git(stack: Stack, *words: str) -> str:
    """A git command in the project."""
    done = subprocess.run(["git", *words], cwd=stack.project, env=GIT | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True)  # fmt: skip  # noqa: E501
    return done.stdout
