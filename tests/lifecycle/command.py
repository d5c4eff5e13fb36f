"""The driver, `python -m cutover`, on a stack under test: as a user runs it, with the tests' engine and identity."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from sandbox.cluster import build
from tests.lifecycle.stack import NAME, ROOT, Stack

TIMEOUT_SECONDS = 240


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it printed on stdout, as the one JSON document that it has to be."""
        return json.loads(self.out)


def cutover(stack: Stack, verb: str, *words: str, named: str = NAME, **environment: str) -> Ended:
    """Run a verb on the stack to its end, in the project's folder. `named` is how the command calls the stack."""
    ended = subprocess.run(
        [sys.executable, "-m", "cutover", verb, *words, "--stack", named],
        cwd=stack.project,
        env={
            **os.environ,
            **stack.environment,
            "PYTHONPATH": str(ROOT),
            "CUTOVER_PULUMI": str(stack.engine.command),
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def kubectl(stack: Stack, words: str) -> str:
    """What kubectl says to a command as it was printed, as the deployer in the stack's namespace."""
    own = build.MODULE.binaries / "kubectl"
    command = [str(own) if own.exists() else "kubectl", "-n", stack.namespace.name, *shlex.split(words)]
    ended = subprocess.run(
        command,
        env={**os.environ, **stack.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout
