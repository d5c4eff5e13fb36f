"""What the SDK does for each hook and resource: one server for all hooks, few frames, the same hooks on both sides."""

import asyncio
import contextlib
import sys
import traceback
from types import SimpleNamespace
from typing import Any

import pulumi
import pulumi.runtime.resource as registering
import pulumi.runtime.stack as ending
import pytest
from pulumi.runtime import settings

from components import BlueGreenService
from components.cluster.access import cluster_for
from components.hooks.inventory import Inventory
from components.hooks.sdk import DEBUG, share_one_server, tell_no_debug, wait_in_rounds
from components.manifests.registration import FRAMES, few_frames
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.components.test_blue_green_service import BLUE, GREEN, build

SERVER = "_get_callbacks"
WHEN = ("before_create", "before_update", "after_create", "after_update")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The servers that the SDK's own function began; it takes a moment, as the real one does."""
    servers: list[object] = []

    async def begin() -> object:
        server = object()
        servers.append(server)
        await asyncio.sleep(0)
        return server

    monkeypatch.setattr(registering, SERVER, begin)
    share_one_server()
    return servers


def test_hooks_that_are_registered_at_once_share_one_server(begun: list[object]) -> None:
    async def many() -> set[object]:
        return set(await asyncio.gather(*(getattr(registering, SERVER)() for _ in range(9))))

    share_one_server()  # once more changes nothing
    assert asyncio.run(many()) == set(begun)
    assert len(begun) == 1
    asyncio.run(many())  # a server belongs to its event loop
    assert len(begun) == 2


def test_debug_lines_are_sent_only_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    before = pulumi.log.debug
    monkeypatch.setattr(pulumi.log, "debug", before)
    monkeypatch.setenv(DEBUG, "1")
    tell_no_debug()
    assert pulumi.log.debug is before
    monkeypatch.delenv(DEBUG)
    sent: list[object] = []
    monkeypatch.setattr(pulumi.log, "_log", lambda *line: sent.append(line))
    monkeypatch.setattr(pulumi.log, "get_engine", object)
    pulumi.log.debug("one")
    tell_no_debug()
    pulumi.log.debug("two")
    pulumi.log.info("three")
    assert [line[2] for line in sent] == ["one", "three"]  # type: ignore[index]


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the SDK waits for at the end, and how much of it is left where its own wait begins."""
    given = SimpleNamespace(rpcs=[], outputs=set(), unhandled_exception=None, lock=contextlib.nullcontext(), left=[])

    async def wait() -> None:
        given.left.append(sum(not one.done() for one in [*given.rpcs, *given.outputs]))

    monkeypatch.setattr(ending, "wait_for_rpcs", wait)
    monkeypatch.setattr(settings, "SETTINGS", given)
    monkeypatch.setattr(settings, "_get_rpc_manager", lambda: given)
    wait_in_rounds()
    wait_in_rounds()  # once more changes nothing
    return given


def test_the_end_waits_for_all_of_it_and_for_what_that_begins(waiting: SimpleNamespace) -> None:
    async def work(seconds: float, then: float | None = None) -> None:
        await asyncio.sleep(seconds)
        if then is not None:
            waiting.outputs.add(asyncio.ensure_future(work(then)))

    async def program() -> None:
        waiting.rpcs.append(asyncio.ensure_future(work(0.01)))
        waiting.outputs.update(asyncio.ensure_future(work(0.001 * one, then=0.02)) for one in range(9))
        await ending.wait_for_rpcs()

    asyncio.run(program())
    assert waiting.left == [0]
    assert len(waiting.outputs) == 18


@pytest.mark.parametrize("how", ["a call", "an output", "cancelled", "noted"])
def test_the_end_tells_a_failure_at_once(waiting: SimpleNamespace, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.hooks.sdk._LOOK_SECONDS", 0.02)

    async def fail() -> None:
        await asyncio.sleep(0.01)
        if how == "noted":
            waiting.unhandled_exception = ValueError("a call that nobody waits for")
        elif how == "cancelled":
            raise asyncio.CancelledError
        else:
            raise ValueError(how)

    async def program() -> None:
        waits = asyncio.ensure_future(asyncio.sleep(60))
        waiting.outputs.add(waits)
        failing = asyncio.ensure_future(fail())
        (waiting.rpcs.append if how == "a call" else waiting.outputs.add)(failing)
        await asyncio.wait_for(ending.wait_for_rpcs(), 5)
        waits.cancel()
        await asyncio.gather(failing, return_exceptions=True)

    asyncio.run(program())
    assert waiting.left == [1]


def test_the_call_stack_ends_after_a_few_frames_and_only_meanwhile() -> None:
    def deep(left: int) -> int:
        return deep(left - 1) if left else len(traceback.extract_stack())

    before = getattr(sys, "tracebacklimit", None)

    def fail() -> None:
        with few_frames():
            assert deep(20) == FRAMES
            raise ValueError("end")

    with pytest.raises(ValueError, match="end"):
        fail()
    assert deep(20) > 20
    assert getattr(sys, "tracebacklimit", None) == before


def test_what_the_engine_keeps_of_the_place_begins_where_the_object_is_made(
    recorder: Recorder, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, taken = registering._get_stack_trace, []

    def noting() -> Any:
        taken.append(take())
        return taken[-1]

    monkeypatch.setattr(registering, "_get_stack_trace", noting)
    build(recorder, cluster)
    places = [[frame.pc.uri.rpartition("/components/")[2] for frame in one.frames] for one in taken]
    made = [one for one in places if one and "strategies" in one[0]]
    assert {one[0] for one in made} == {"strategies/blue_green/resources.py", "strategies/blue_green/component.py"}
    assert max(len(one) for one in made) <= 3
    assert len(made) == len(recorder.resources)


def test_the_hooks_of_both_sides_have_the_same_names(
    recorder: Recorder,
    cluster: FakeCluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are in the engine's state: a cutover would make it write that once more for each workload."""
    noted: dict[str, list[str]] = {}
    remember = Inventory.remember

    def noting(inventory: Inventory, args: pulumi.ResourceTransformationArgs) -> Any:
        hooks = args.opts.hooks
        noted[args.name] = [f"{when} {one.name}" for when in WHEN for one in getattr(hooks, when) or []]
        return remember(inventory, args)

    monkeypatch.setattr(Inventory, "remember", noting)

    def make() -> None:
        BlueGreenService("shop", namespace="ns", cluster=cluster, active="blue", port=80, blue=BLUE, green=GREEN)
        BlueGreenService("cart", namespace="ns", cluster=cluster, active="green", port=80, blue=BLUE, green=GREEN)

    run_program(make)
    shop = {name: hooks for name, hooks in noted.items() if name.startswith("shop")}
    cart = {name: hooks for name, hooks in noted.items() if name.startswith("cart")}
    assert shop == {name.replace("cart", "shop"): [one.replace("cart", "shop") for one in cart[name]] for name in cart}
    assert "before_update shop-green-2-0-0-b7-switch" in shop["shop-green-2-0-0-b7"]


def test_the_services_of_a_namespace_share_their_connections(recorder: Recorder) -> None:

    def make() -> None:
        one = cluster_for("shop", "ns", None)
        assert cluster_for("cart", "ns", None) is one
        assert cluster_for("cart", "other", None) is not one

    run_program(make)
