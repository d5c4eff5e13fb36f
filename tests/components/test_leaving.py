"""How a failure leaves the program: after the gates under way, in words, without a traceback."""

import asyncio
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components import BlueGreenService, Release
from components.hooks.engine import hook, interrupt_gates, leave
from components.rules.errors import GateRefused
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks are registered nowhere: the SDK would begin to, find no engine, and keep a failure that nobody awaits."""
    monkeypatch.setattr(pulumi, "ResourceHook", lambda _name, run, _opts: SimpleNamespace(callback=run))


@pytest.mark.usefixtures("no_engine")
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


@pytest.mark.usefixtures("no_engine")
def test_a_failure_waits_until_the_engine_has_answered_for_each_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has asked for no gate of this one yet, and will."""
    answer = threading.Event()
    monitor = SimpleNamespace(RegisterResource=lambda _: answer.wait(PATIENCE_SECONDS))
    monkeypatch.setattr(pulumi.runtime.settings, "get_monitor", lambda: monitor)

    async def no_gate() -> None: ...

    async def both() -> None:
        hook("one", no_gate)
        hook("two", no_gate)
        registration = asyncio.create_task(asyncio.to_thread(lambda: monitor.RegisterResource(None)))
        await asyncio.sleep(0.05)
        leaving = asyncio.create_task(leave(GateRefused("shop: no", "because", "so")))
        await asyncio.wait([leaving], timeout=0.5)
        assert not leaving.done()
        answer.set()
        with pytest.raises(pulumi.RunError, match="shop: no"):
            await leaving
        assert await registration is True

    asyncio.run(both())


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
    program = "import time; print('ready', flush=True); time.sleep(60)"
    assert _interrupted(program) == (1, "", "")


def test_an_interrupted_program_tells_the_failure_that_waited_for_others() -> None:
    program = (
        "import asyncio, pulumi, types\n"
        "pulumi.ResourceHook = lambda name, run, opts: types.SimpleNamespace(callback=run)\n"
        "from components.hooks import engine\n"
        "from components.rules.errors import GateRefused\n"
        "async def slow(): await asyncio.sleep(60)\n"
        "async def both():\n"
        "    gate = asyncio.create_task(engine.hook('slow', slow).callback(None))\n"
        "    await asyncio.sleep(0)\n"
        "    leaving = asyncio.create_task(engine.leave(GateRefused('shop: no', 'because', 'so')))\n"
        "    await asyncio.sleep(0)\n"
        "    print('ready', flush=True)\n"
        "    await leaving\n"
        "asyncio.run(both())"
    )
    code, out, err = _interrupted(program)
    assert (code, out) == (1, "")
    assert err.startswith("error: shop: no\n    Refused before the switch")
    assert "Task" not in err


@pytest.mark.usefixtures("no_engine")
def test_an_interrupted_gate_ends_and_says_so_and_another_kind_of_cancellation_is_what_it_was() -> None:
    async def slow_gate() -> None:
        await asyncio.sleep(PATIENCE_SECONDS)

    async def both() -> None:
        gates: list[Any] = [hook(name, slow_gate).callback for name in ("one", "two")]
        assert not interrupt_gates()
        running = [asyncio.create_task(gate(None)) for gate in gates]
        await asyncio.sleep(0.05)
        running[1].cancel()
        await asyncio.sleep(0.05)
        assert interrupt_gates()
        ends = await asyncio.gather(*running, return_exceptions=True)
        assert isinstance(ends[0], pulumi.RunError)
        assert "interrupted; `pulumi up` goes on" in str(ends[0])
        assert isinstance(ends[1], asyncio.CancelledError)
        assert not interrupt_gates()

    asyncio.run(both())


def _interrupted(program: str) -> tuple[int, str, str]:
    """How a program ends that is interrupted when it has said that it is ready."""
    program = f"from components.hooks.engine import leave_quietly_when_interrupted as quiet; quiet()\n{program}"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
    return running.returncode, out, err
