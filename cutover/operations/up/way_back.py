"""The way back after a bake that failed: written on top of the stack's file as it is then, or why that cannot be.

Nothing is locked during a bake, so somebody else may have edited the file meanwhile, or work on it now.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from time import sleep
from typing import TYPE_CHECKING

from cutover.errors import DriverError, StackLocked, UsageError, unexpected
from cutover.operations.bake.bake import BakeFailed
from cutover.operations.command.run import Run
from cutover.operations.up.change import change_held
from cutover.operations.up.commit import NotCommitted, check_repository
from cutover.stackfile.file import StackFile, Wanted
from cutover.stackfile.lock import held
from cutover.stackfile.view import StackView, read_view
from cutover.strategies.releases import describe
from cutover.strategies.service import ServiceView

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus

LOCK_SECONDS, PAUSE_SECONDS = 60.0, 0.25
"""How long another driver's work on the file is waited for, and between two looks."""


def go_back(run: Run, back: Mapping[str, str], wanted: Wanted, message: str, reason: str) -> str:
    """Edit the file and bring the stack up, as `change` does. `back`: service -> its color, or its release in words.

    A word on a commit that did not come about, else empty. Raises BakeFailed with the bake's `reason`, what the file
    has, what serves and what to do, where the way back did not get to its end.
    """
    switching = {name: goal for name, goal in back.items() if run.view.services[name].switches}
    try:
        with _held(run):
            uncommitted = _follow(run, back)
            change_held(run, wanted, switching, message)
    except NotCommitted as error:
        return str(error)
    except Exception as error:
        raise _not_gone_back(run, back, reason, unexpected(error)) from error
    return uncommitted


@contextmanager
def _held(run: Run) -> Iterator[None]:
    end = time.monotonic() + LOCK_SECONDS
    with ExitStack() as lock:
        while True:
            try:
                lock.enter_context(held(run.file.path))
                break
            except StackLocked as locked:
                if time.monotonic() >= end:
                    raise
                run.report.wait(f"{locked.what}: waiting for it, to record the way back", LOCK_SECONDS)
            run.check_stopping()
            sleep(PAUSE_SECONDS)
        run.report.done_waiting()
        yield


def _follow(run: Run, back: Mapping[str, str]) -> str:
    """Take the file as somebody else left it. Raises UsageError where he changed what this command wrote."""
    if run.file.untouched:
        return ""
    now = StackFile(run.file.path)
    for name, goal in back.items():
        ours, theirs = _written(run.view.services[name]), _written(now.view.services.get(name))
        if theirs not in (ours, goal):
            raise UsageError(f"{name}: {run.file.path.name} has {theirs} now, where this command left {ours}")
    run.file = now
    run.report.say(f"{run.file.path.name} was changed by somebody else meanwhile, which stays", "warning")
    if run.options.commit:
        try:
            check_repository(run.file.path)
        except DriverError as error:
            run.options = replace(run.options, commit=False)  # it would take along what he did not commit
            return f"not committed: {error.what.removeprefix('--commit: ')}"
    return ""


def _written(service: ServiceView | None) -> str:
    """What the file has, in the words of `back`."""
    if service is None:
        return "nothing"
    return service.active or "nothing" if service.switches else describe(service.slots[service.new_slot])


def _not_gone_back(run: Run, back: Mapping[str, str], reason: str, error: DriverError) -> BakeFailed:
    """The error, with what is so in the file and in the cluster now."""
    file, now, live = run.file.path.name, _file_now(run), _live_now(run)
    so: list[str] = []
    todo: list[str] = []
    stays = False
    for name, goal in back.items():
        service, serves = run.view.services[name], live.get(name)
        has = _written(now.services.get(name)) if now else ""
        active, runs = (" active", "is live") if service.switches else ("", "runs")
        what = f"{file} has {has}{active}" if now else f"{file} cannot be read"
        so.append(f"{name}: {what}, {serves} {runs}" if serves else f"{name}: {what}; what serves is not known")
        stays = stays or not service.switches or serves not in (None, goal)
        if has != goal:
            todo.append(_fix(service, file, goal, has))
    told = f"{'not gone back' if stays else 'not recorded'}: {error.what}"
    todo = todo or ["`cutover up` carries the way back to its end"]
    return BakeFailed("\n".join([reason, told, *so]), "; ".join(filter(None, [error.fix, *todo])))


def _fix(service: ServiceView, file: str, goal: str, has: str) -> str:
    if not service.switches:
        return f"`cutover rollback {service.name}` goes to {goal}; until then the bad release stays"
    path = ".".join(service.active_path)
    until = f"; until then each `up` sends the traffic to {has} again" if has not in ("", "nothing") else ""
    return f"set {path} to {goal} in {file}, then `cutover up`{until}"


def _file_now(run: Run) -> StackView | None:
    try:
        return read_view(run.file.path)
    except DriverError:
        return None


def _live_now(run: Run) -> dict[str, str]:
    """What serves, in the words of `back`; nothing where the cluster does not say."""
    try:
        status = run.live()
    except DriverError:
        return {}
    return {name: _serving(service, status[name]) for name, service in run.view.services.items() if name in status}


def _serving(service: ServiceView, seen: "ServiceStatus") -> str:
    if service.switches:
        return seen.live_color or "nothing"
    there = seen.colors.get(service.new_slot)
    return there.release if there and there.release else "nothing"
