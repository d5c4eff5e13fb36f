"""The SDK's own work that grows with the number of hooks and resources, held down.

All parts are of pulumi 3.2xx. An SDK that is made otherwise is left as it is.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pulumi.log
import pulumi.runtime.resource as registering
import pulumi.runtime.stack as ending
from pulumi.runtime import settings

_SERVER, _WAIT = "_get_callbacks", "wait_for_rpcs"
_LOOK_SECONDS = 1.0
DEBUG = "CUTOVER_SDK_DEBUG"
"""Set, in the environment of the program: the SDK tells the engine what it does, for `pulumi up --debug`."""


def share_one_server() -> None:
    """All hooks are called through one server. The SDK means it so, but begins one for each hook that is registered
    before the first server has started: 16 a service, each with a port and a connection of the engine to it.
    """
    make = getattr(registering, _SERVER, None)
    if make is not None and not isinstance(make, _Once):
        setattr(registering, _SERVER, _Once(make))


def tell_no_debug() -> None:
    """The SDK's debug lines are not sent: the engine shows them with `--debug` only, and each one is a request that the
    whole program waits for, 75 a service. For programs, not for libraries.
    """
    if not os.environ.get(DEBUG):
        pulumi.log.debug = _say_nothing


def wait_in_rounds() -> None:
    """The end of the program waits for all that is under way at once. The SDK waits for the first of all, and begins
    anew with the others, which grows with their square. For programs, not for libraries.
    """
    wait = getattr(ending, _WAIT, None)
    if wait is not None and not isinstance(wait, _Rounds):
        setattr(ending, _WAIT, _Rounds(wait))


def _say_nothing(*_: object, **__: object) -> None: ...


class _Once:
    """A function that makes something for one engine, called once for each engine and event loop."""

    def __init__(self, make: Callable[[], Awaitable[Any]]) -> None:
        self._make = make
        self._of: tuple[object, object] | None = None
        self._made: asyncio.Future[Any] | None = None

    async def __call__(self) -> Any:
        of = (settings.get_monitor(), asyncio.get_running_loop())
        if self._made is None or self._of is None or any(a is not b for a, b in zip(of, self._of, strict=True)):
            self._of, self._made = of, asyncio.ensure_future(self._make())
        return await asyncio.shield(self._made)


class _Rounds:
    """The SDK's wait, begun once nothing is left that it would wait for, or something has failed, which it raises."""

    def __init__(self, wait: Callable[..., Awaitable[None]]) -> None:
        self._wait = wait

    async def __call__(self, *given: Any, **named: Any) -> None:
        failed = False
        while not failed and (left := self._left()):
            done, _ = await asyncio.wait(left, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
            failed = any(one.cancelled() or one.exception() for one in done)
        await self._wait(*given, **named)

    @staticmethod
    def _left() -> list[asyncio.Future[Any]]:
        calls = settings._get_rpc_manager()
        if calls.unhandled_exception is not None:
            return []
        with settings.SETTINGS.lock:
            under_way: list[Any] = [*calls.rpcs, *settings.SETTINGS.outputs]
        return [one for one in under_way if isinstance(one, asyncio.Future) and not one.done()]
