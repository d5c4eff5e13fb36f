"""How the driver's commands end when they do not succeed: exit codes, words, and a file that tells the truth."""

import json
import os
import re
import signal
import subprocess

import pytest
import yaml

from tests.lifecycle import views
from tests.lifecycle.command import Ended, cutover
from tests.lifecycle.driver import expect, release_words, start, stopped, write_shop
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import BROKEN, UNREADY, V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
SECRET = "hunter2-in-the-config"
KEYS = ("PULUMI_CONFIG_PASSPHRASE", "VAULT_SERVER_TOKEN")


def test_every_exit_code_and_no_secret_in_any_output(stack: Stack, namespace: Namespace) -> None:
    assert stack.run("config", "set", "--secret", "cutover:token", SECRET).code == 0
    kept = yaml.safe_load(stack.file.read_text())
    secret = kept.pop("config")["cutover:token"]["secure"]
    text = write_shop(stack).replace(
        "  cutover:namespace:", f"  cutover:token:\n    secure: {secret}\n  cutover:namespace:"
    )
    stack.file.write_text(yaml.safe_dump(kept) + text[text.index("# who") :])
    expect(stack, "blue", V1)
    ended: list[Ended] = []

    def run(code: int, verb: str, *words: str, **environment: str) -> Ended:
        ended.append(cutover(stack, verb, *words, **environment))
        assert ended[-1].code == code, ended[-1]
        assert "Traceback" not in ended[-1].out + ended[-1].err
        return ended[-1]

    run(0, "up", "--yes")
    before = stack.file.read_bytes()

    assert "add --yes" in run(2, "promote").out
    assert "has no service 'shoe'; it has: shop" in run(2, "promote", "shoe", "--yes").out
    assert "there is no stack named 'other'" in missing_stack(stack).out
    assert "1 problem in the configuration" in run(2, "release", "shop", *release_words("latest"), "--yes").out
    assert stack.file.read_bytes() == before

    in_haste = before.replace(b"progress_deadline_seconds: 60", b"progress_deadline_seconds: 5")
    stack.file.write_bytes(in_haste)
    timed_out = run(5, "release", "shop", *release_words(UNREADY), "--yes", "--json").json()
    assert (timed_out["result"], timed_out["exitCode"], timed_out["code"]) == ("timed-out", 5, "rollout.late")
    assert "runs, but its readiness probe fails; no further pod got ready for 5 s" in timed_out["message"]
    assert stack.file.read_bytes() == in_haste != before
    stack.file.write_bytes(before)

    run(0, "release", "shop", *release_words(BROKEN), "--yes")
    stack.file.write_bytes(stack.file.read_bytes().replace(b"timeout_seconds: 60}", b"timeout_seconds: 2}"))
    waiting = stack.file.read_bytes()
    refused = run(3, "promote", "--yes", "--json").json()
    assert (refused["result"], refused["live"]) == ("refused", {"shop": "blue"})
    assert "Refused before the switch: traffic stays where it was." in refused["message"]
    assert stack.file.read_bytes() == waiting
    assert "never took the traffic" in run(3, "rollback", "--now", "--yes").out

    lock = stack.folder / "state" / ".pulumi" / "locks" / "organization" / "cutover" / "test" / "dead.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": 1, "username": "ann", "hostname": "ci-7", "timestamp": "2026-11-21T10:00:00Z"}))
    locked = run(4, "promote", "--yes")
    assert "stack test is locked by another run: created by ann@ci-7" in locked.out
    assert "`pulumi cancel --stack test` lifts its lock" in locked.out
    lock.unlink()

    assert "permission denied" in run(1, "up", "--yes", VAULT_SERVER_TOKEN="wrong").out
    assert "no usable kubeconfig" in run(1, "promote", "--yes", KUBECONFIG="/none").out

    moved = {"cutover.dev/color": "green", "cutover.dev/revision": "1-3-0-b1"}
    stack.watcher.judges = False  # moved by hand, past every gate
    namespace.patch("services", "shop", {"spec": {"selector": moved}})
    drifted = run(6, "release", "shop", *release_words(V2), "--yes")
    assert "green takes the traffic, and Pulumi.test.yaml says blue" in drifted.out
    assert stack.file.read_bytes() == waiting

    run(0, "history")
    run(0, "plan", "--json")
    token = yaml.safe_load(stack.kubeconfig.read_text())["users"][0]["user"]["token"]
    for each in ended:
        for hidden in (SECRET, token, *(stack.environment[one] for one in KEYS)):
            assert hidden not in each.out + each.err


def missing_stack(stack: Stack) -> Ended:
    """`up` of a stack that has a file and was never made."""
    other = stack.project / "Pulumi.other.yaml"
    other.write_bytes(stack.file.read_bytes())
    process = start(stack, "up", "--stack", "other", "--yes")
    said, _ = process.communicate()
    other.unlink()
    assert process.returncode == 2, said
    return Ended(2, said, "")


def test_stopped_before_and_after_the_switch_and_killed(stack: Stack, namespace: Namespace) -> None:
    write_shop(stack, drain_seconds=6)
    expect(stack, "blue", V1)
    assert cutover(stack, "up", "--yes").code == 0
    before = stack.file.read_bytes()
    release = ("release", "shop", *release_words(V2), "--yes")

    once = stopped(stack, lambda line: "ing Deployment" in line, signal.SIGINT, *release)
    assert (once.code, once.err) == (1, ""), once
    assert "SIGINT: stopping: the engine cancels the step under way" in once.out
    assert "error: stopped by the user" in once.out
    assert stack.file.read_bytes() == before

    killed = stopped(stack, lambda line: "ing Deployment" in line, signal.SIGKILL, *release)
    assert killed.code == -signal.SIGKILL
    assert cutover(stack, *release).code == 0
    assert views.live_color(namespace) == "blue"

    expect(stack, "green", V2)
    draining = stopped(stack, lambda line: "draining blue" in line, signal.SIGINT, "promote", "--yes")
    assert draining.code == 1, draining
    assert "shop: green is live; Pulumi.test.yaml says so" in draining.out
    assert yaml.safe_load(stack.file.read_text())["config"]["cutover:services"]["shop"]["active"] == "green"
    assert cutover(stack, "promote", "--yes").code == 0
    assert cutover(stack, "status").code == 0


def test_several_stacks_each_with_its_own_result(stack: Stack, namespace: Namespace) -> None:
    write_shop(stack)
    stack.watcher.plan({})
    eu = stack.project / "Pulumi.test-eu.yaml"
    eu.write_text(stack.file.read_text().replace("    shop: ", "    shop-eu: "))
    env = ["stack", "init", "test-eu", "--non-interactive"]
    done = subprocess.run([stack.engine.command, *env], cwd=stack.project, env=_env(stack), capture_output=True)
    assert done.returncode == 0, done
    both = start(stack, "up", "--stack", "test*", "--parallel", "2", "--yes")
    said, _ = both.communicate()
    assert both.returncode == 0, said
    assert re.search(r"^test +succeeded +[\d.]+ +test is up: ", said, re.MULTILINE), said
    assert re.search(r"^test-eu +succeeded", said, re.MULTILINE), said
    assert {"shop", "shop-eu"} <= set(namespace.names("services"))

    eu.write_text(eu.read_text().replace("active: blue", "active: green"))
    halted = start(stack, "up", "--stack", "test-eu,test", "--stop-on-failure", "--yes")
    said, _ = halted.communicate()
    assert halted.returncode == 2, said
    assert re.search(r"^test-eu +usage", said, re.MULTILINE), said
    assert re.search(r"^test +not-begun", said, re.MULTILINE), said


def _env(stack: Stack) -> dict[str, str]:
    return {**os.environ, **stack.environment}
