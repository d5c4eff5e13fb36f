"""Gates as resource hooks of the engine, and how a failure leaves the program.

A program that ends while the engine still asks for a gate of another service would cut that gate short with an error
of the transport ("Cancelling all calls"). So a failure waits until no gate runs and no resource is on its way.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, NoReturn, TypeVar

import pulumi

from components.hooks.asked import Registrations
from components.hooks.sdk import share_one_server
from components.rules.errors import ClusterUnreachable, CutoverError
from components.rules.problem import LONGEST
from contract.text import one_line

Hook = pulumi.ResourceHook | Callable[[pulumi.ResourceHookArgs], Awaitable[None] | None]
"""What a binding takes; its lists are invariant, so ours are of the same type."""
Run = Callable[[pulumi.ResourceHookArgs], Awaitable[None]]
T = TypeVar("T")

_SETTLE_SECONDS = 0.2  # between two gates of one service the engine needs a moment to ask for the next
INTERRUPTED = "interrupted; `pulumi up` goes on from where it was left"
_gates: set[asyncio.Task[Any]] = set()  # those that run
_interrupted: set[asyncio.Task[Any]] = set()
_registrations = Registrations()
_reasons: list[str] = []  # of failures that wait to be told


def hook(name: str, gate: Callable[[], Awaitable[None]], *, on_dry_run: bool = False) -> pulumi.ResourceHook:
    """A hook that runs a gate; what the gate raises fails the step. `name` must be unique in the program."""
    return hook_with_arguments(name, lambda _: gate(), on_dry_run=on_dry_run)


def hook_with_arguments(name: str, gate: Run, *, on_dry_run: bool = False) -> pulumi.ResourceHook:
    """A hook that runs a gate and passes it the engine's arguments, the inputs of the object among them."""
    _registrations.watch()
    share_one_server()

    async def run(args: pulumi.ResourceHookArgs) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one
        _gates.add(task)
        try:
            await gate(args)
        except asyncio.CancelledError:
            if task not in _interrupted:
                raise
            raise pulumi.RunError(INTERRUPTED) from None
        finally:
            _gates.discard(task)
            _interrupted.discard(task)

    return pulumi.ResourceHook(name, run, pulumi.ResourceHookOptions(on_dry_run=on_dry_run))


def on_error(name: str, error: CutoverError, resource: pulumi.Resource) -> pulumi.ErrorHook:
    """A hook that says, beside the engine's own words, what a failed step means and what helps; without another try."""

    def say(_: object) -> bool:
        pulumi.error(str(error), resource)
        return False

    return pulumi.ErrorHook(name, say)


def teller(resource: pulumi.Resource) -> Callable[[str], None]:
    """A function that tells the user a line of progress, in the name of a resource. Lines may hold foreign text."""
    return lambda line: pulumi.info(one_line(line, LONGEST), resource)


def warner(resource: pulumi.Resource) -> Callable[[CutoverError], None]:
    """A function that warns the user of an error that has not ended the step yet."""
    return lambda error: pulumi.warn(str(error), resource)


class Once(Generic[T]):
    """Work that is done once in a run, whoever asks first: all who ask get what it gives or raises."""

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work
        self._task: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        """Do it, or wait for it. Who gives up waiting does not end it for the others."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._work())
        return await asyncio.shield(self._task)


async def check_around(check: Callable[[], Awaitable[None]], prepare: Iterable[Callable[[], Awaitable[bool]]]) -> None:
    """Check, prepare one after the other (they may share a database), and check again where any of them did something:
    it took its time, and changed what the release lives on.
    """
    await check()
    ran = [await one() for one in prepare]
    if any(ran):
        await check()


async def all_of(*works: Awaitable[None]) -> None:
    """Run the works side by side, each to its end. Then raise the first failure, if there was one."""
    for result in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


async def unless_out_of_reach(check: Awaitable[None]) -> None:
    """Run a check; in a preview an unreachable cluster is no failure, as a plan may be made without it."""
    try:
        await check
    except ClusterUnreachable:
        if not pulumi.runtime.is_dry_run():
            raise


async def leave(error: CutoverError) -> NoReturn:
    """End the program with this error, without a traceback, once the engine asks for no gate of another service."""
    _reasons.append(str(error))
    await until_others_are_done()
    raise pulumi.RunError(str(error)) from None


async def until_others_are_done() -> None:
    """Wait while a gate runs or a resource of this process is on its way."""
    while _gates or _registrations.under_way:  # noqa: ASYNC110 - an Event belongs to one loop, this module to none
        await asyncio.sleep(_SETTLE_SECONDS)


async def leave_on_error(work: Awaitable[None]) -> None:
    """Do the work that follows the last resource. A CutoverError ends the program with its text."""
    try:
        await work
    except CutoverError as error:
        await leave(error)


def interrupt_gates() -> bool:
    """End every gate that runs, with words that say so; the engine would wait for it else. Whether there was one."""
    for task in _gates - _interrupted:
        _interrupted.add(task)
        task.cancel()
    return bool(_gates)


def leave_quietly_when_interrupted() -> None:
    """On SIGINT end at once. For programs, not for libraries.

    When a gate refuses, the engine interrupts the program; the SDK would print a KeyboardInterrupt traceback beside
    the reason and take up to 5 s to end. All that counts is in the engine by then, but for a failure that waits for
    others: its reason is told here.
    """

    signal.signal(signal.SIGINT, leave_now)


def leave_now(*_: object) -> None:
    """End the process, without the SDK's waiting."""
    for reason in _reasons:
        print(f"error: {reason}", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)
