"""`cutover status` in every phase of a service's life, on the real API server."""

import signal
from typing import Any

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import TIMEOUT_SECONDS, cutover
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import CRASH, V3, release
from tests.lifecycle.stack import Stack

Json = dict[str, Any]
pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_status_tells_what_is_true_in_every_phase(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green()
    stack.services["worker"] = services.rolling()
    stack.save()
    before = cutover(stack, "status")
    assert before.code == 6
    assert "shop  ◌ progressing  live nothing, config wants blue" in before.out
    assert "fix: `cutover up --stack test` deploys it" in before.out

    stack.must_up()
    fresh = cutover(stack, "status", "--until", "paused", "--timeout", "90s", "--json")
    assert fresh.code == 0, fresh
    found = fresh.json()["stacks"][0]["services"]
    assert (found["shop"]["liveColor"], found["shop"]["state"]) == ("blue", "paused")
    assert {name: color["role"] for name, color in found["shop"]["colors"].items()} == {
        "blue": "live",
        "green": "preview",
    }
    assert [pod["ready"] for pod in found["shop"]["colors"]["green"]["pods"]] == [True, True]
    assert (found["worker"]["state"], found["worker"]["liveRevision"]) == ("healthy", "1-0-0-b1")

    shop["active"] = "green"
    stack.must_up()
    settled = cutover(stack, "status", "--until", "healthy", "--timeout", "90s")
    assert settled.code == 0, settled
    after = cutover(stack, "status")
    assert after.code == 0, after
    assert "shop  ✔ healthy  live green" in after.out
    assert "blue    1.0.0 build 1  standby  ✔ 2/2 pods ready" in after.out
    assert "\x1b" not in after.out

    namespace.patch("deployments", "worker", {"spec": {"replicas": 1}})
    drift = cutover(stack, "status", "--json")
    assert drift.code == 6
    (difference,) = drift.json()["stacks"][0]["services"]["worker"]["drift"]
    assert (difference["what"], difference["desired"], difference["actual"]) == ("worker: pods", "2", "1")
    assert stack.run("up", "--yes", "--skip-preview", "--refresh").code == 0  # the command that it names
    assert cutover(stack, "status", "--until", "healthy", "--timeout", "90s").code == 0

    shop["blue"] = release(CRASH)
    stack.announce()
    running = stack.start("up", "--yes", "--skip-preview")  # status takes no lock
    eventually("the crash", lambda: any(pod_restarts(pod) for pod in views.pods(namespace, color="blue")))
    broken = cutover(stack, "status", "--until", "healthy", "--timeout", "0s", "--json")
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=TIMEOUT_SECONDS)
    assert broken.code == 5
    assert "error: test is not healthy after 0 s" in broken.err
    document = broken.json()
    assert document["exitCode"] == 5
    assert f"pulumi, process {running.pid} of " in document["stacks"][0]["run"]
    assert not any("`" in one["settle"] for one in document["stacks"][0]["services"]["shop"]["drift"]), "it is no time"
    blue = document["stacks"][0]["services"]["shop"]["colors"]["blue"]
    assert (blue["role"], blue["ready"]) == ("preview", 0)
    reasons = {pod["reason"] for pod in blue["pods"] if pod["revision"] == blue["revision"]}
    assert any("exit code 1)" in reason for reason in reasons), reasons
    assert views.live_color(namespace) == "green"


def pod_restarts(pod: Json) -> int:
    return sum(one["restartCount"] for one in pod["status"].get("containerStatuses", []))


def test_a_live_service_moved_by_hand_is_drift_and_up_settles_it(stack: Stack, namespace: Namespace) -> None:
    stack.services["shop"] = services.blue_green("replica-set", green=release(V3))
    stack.must_up()
    stack.watcher.plan({})
    green = views.pods(namespace, color="green")[0]["metadata"]["labels"]
    moved = {key: green[key] for key in namespace.get("services", "shop")["spec"]["selector"]}
    namespace.patch("services", "shop", {"spec": {"selector": moved}})
    drift = cutover(stack, "status")
    assert drift.code == 6
    assert "⚠ shop: live color: config blue, cluster green" in drift.out
    assert "fix: `cutover up --stack test`" in drift.out
    stack.must_up()
    settled = cutover(stack, "status", "--until", "healthy", "--timeout", "90s")
    assert settled.code == 0, settled
    said = settled.out.splitlines()[-1]
    assert "blue live 2/2, green preview 2/2" in said, "what a hand sent traffic to has passed no gate"


def test_without_a_cluster_it_says_so(stack: Stack) -> None:
    stack.services["shop"] = services.blue_green()
    stack.save()
    nowhere = stack.folder / "nowhere"
    nowhere.write_text(stack.kubeconfig.read_text().replace("server: https://", "server: https://127.0.0.1:9/#"))
    ended = cutover(stack, "status", KUBECONFIG=str(nowhere))
    assert ended.code == 1
    assert "the API server https://127.0.0.1:9" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.wide  # the driver's life of a group looks at them too
def test_the_services_of_a_group(stack: Stack) -> None:
    for name in ("api", "web"):
        stack.services[name] = services.blue_green(active=None, replicas=1, standby_replicas=1)
    stack.groups["shop"] = {"active": "blue", "services": ["api", "web"]}
    stack.must_up()
    waiting = cutover(stack, "status", "--until", "paused", "--timeout", "90s", "--json")
    assert waiting.code == 0, waiting
    found = waiting.json()["stacks"][0]["services"]
    assert {name: (one["group"], one["liveColor"]) for name, one in found.items()} == {
        "api": ("shop", "blue"),
        "web": ("shop", "blue"),
    }
    stack.groups["shop"]["active"] = "green"
    stack.must_up()
    settled = cutover(stack, "status", "--until", "healthy", "--timeout", "90s")
    assert settled.code == 0, settled
    after = cutover(stack, "status")
    assert after.code == 0, after
    assert "web  ✔ healthy  live green  group shop" in after.out
