"""How a failure leaves the program: after the gates under way, in words, without a traceback."""

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pulumi
import pytest

from components import BlueGreenService, Release
from components.hooks.engine import hook, leave
from components.rules.errors import GateRefused
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.patience import PATIENCE_SECONDS


def test_a_failure_waits_for_the_gates_of_other_services() -> None:
    order: list[str] = []

    async def slow_gate() -> None:
        await asyncio.sleep(0.3)
        order.append("gate done")

    async def both() -> None:
        with_hook: Any = hook("slow", slow_gate).callback
        running = asyncio.create_task(with_hook(None))
        await asyncio.sleep(0.05)
        with pytest.raises(pulumi.RunError, match="shop: no"):
            await leave(GateRefused("shop: no", "because", "so"))
        order.append("left")
        await running

    asyncio.run(both())
    assert order == ["gate done", "left"]


def test_a_live_service_that_cannot_be_moved_back_ends_the_run_with_the_reason(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    cluster.switch({"app": "somebody-else"}, after=timedelta(0))
    blue = Release(version="1.0.0", build=1, image="shop:1")
    with pytest.raises(pulumi.RunError, match="blue 1-0-0-b1 is not ready after 1 s"):
        run_program(
            lambda: (
                BlueGreenService(
                    "shop", namespace="ns", cluster=cluster, active="blue", port=80, blue=blue, gate_timeout_seconds=1
                ).active
            )
        )


def test_an_interrupted_program_ends_at_once_and_without_a_word() -> None:
    program = (
        "import time; from components.hooks.engine import leave_quietly_when_interrupted as quiet; quiet();"
        "print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
    assert (running.returncode, out, err) == (1, "", "")
