"""What tests of the driver share: a stack's file as a user writes it, and the watcher told of what comes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

from tests.lifecycle.command import TIMEOUT_SECONDS, Ended
from tests.lifecycle.judge import Wanted
from tests.lifecycle.services import REPOSITORY
from tests.lifecycle.stack import NAME, ROOT, Stack

GIT = {
    "GIT_AUTHOR_NAME": "tester",
    "GIT_AUTHOR_EMAIL": "tester@example.com",
    "GIT_COMMITTER_NAME": "tester",
    "GIT_COMMITTER_EMAIL": "tester@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
}
SHOP = """\
# who may edit this: the release team
config:
  cutover:namespace: {namespace}
  cutover:services:
    shop:   # sells things
      strategy: blue-green
      active: blue          # the color that serves
      port: 9898
      replicas: 2
      drain_seconds: {drain}
      min_ready_seconds: 0
      progress_deadline_seconds: 60
      gate_timeout_seconds: 30
      readiness: {{ path: /readyz, period_seconds: 1, timeout_seconds: 10 }}
      env: {{ PODINFO_LEVEL: debug }}
      smoke: {{path: /version, expect_body: '"{{version}}"', successes: 1, interval_seconds: 0.2, timeout_seconds: 60}}
      blue: {{ version: 1.0.0, build: 1, image: "cutover.local/podinfo:1.0.0" }}

# the end
"""


def write_shop(stack: Stack, *, drain_seconds: int = 1) -> str:
    """A stack's file with comments, a service `shop` live on blue and nothing beside it."""
    text = SHOP.format(namespace=stack.namespace.name, drain=drain_seconds)
    kept = stack.file.read_text() if stack.file.exists() else ""  # how its secrets are kept
    stack.file.write_text(kept + text)
    return kept + text


def expect(stack: Stack, color: str, tag: str, service: str = "shop") -> None:
    """Tell the watcher which release shall serve from now on."""
    stack.watcher.plan({service: Wanted(color, f"{REPOSITORY}:{tag}", 2)})


def start(stack: Stack, *words: str) -> "subprocess.Popen[str]":
    """The driver, its output in one pipe, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "cutover", *words, *(() if "--stack" in words else ("--stack", NAME))],
        cwd=stack.project,
        env={
            **os.environ,
            **stack.environment,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "CUTOVER_PULUMI": str(stack.engine.command),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def stopped(stack: Stack, at: Callable[[str], bool], number: signal.Signals, *words: str) -> Ended:
    """Run the driver and send it a signal at the first line that `at` takes."""
    said, sent = [], False
    with start(stack, *words) as process:
        for line in process.stdout or ():
            said.append(line)
            if not sent and at(line):
                process.send_signal(number)
                sent = True
        code = process.wait(TIMEOUT_SECONDS)
    assert sent, "".join(said)
    return Ended(code, "".join(said), "")


def release_words(tag: str, build: int = 1) -> tuple[str, ...]:
    """The options of `release` for an image's tag."""
    return ("--version", tag.partition("-")[0], "--build", str(build), "--image", f"{REPOSITORY}:{tag}")
