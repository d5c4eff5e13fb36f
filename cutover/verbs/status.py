"""`cutover status`: what is true in the cluster now, beside what the config says.

Reads the config files and the cluster; needs no engine, takes no lock, writes nothing: it may run beside any verb.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cutover.durations import seconds_of
from cutover.errors import ClusterUnreachable, Exit, TimedOut, UsageError
from cutover.reading_options import Cwd, Json, Stack
from cutover.stackfile.find import choose, find_project
from cutover.stackfile.view import StackView, read_view

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus
    from cutover.observe.display import Display

Goal = Literal["healthy", "paused"]
POLL_SECONDS = 1.0


def status(
    stack: Stack = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on looking, until Ctrl-C or --until.")] = False,
    until: Annotated[
        Goal | None, typer.Option(help="Wait until all is as the config says, or also until a preview waits.")
    ] = None,
    timeout: Annotated[str, typer.Option(help="How long --until waits: 90s, 2m.")] = "10m",
    json: Json = False,
    cwd: Cwd = Path(),
) -> None:
    """Show per service its colors, releases, pods and gates; desired beside actual. Exit code 6 on drift.

    Examples: cutover status --stack prod; cutover status --until healthy --timeout 90s
    """
    limit_seconds = seconds_of(timeout, "--timeout")
    if watch and json and not until:
        raise UsageError("--watch --json has no end, so no document", "add --until healthy, or leave out --watch")
    views = [read_view(path) for path in choose(find_project(cwd), stack)]
    if not (watch or until):
        _end([_look(view) for view in views], json=json, tree=True)
    if len(views) > 1:
        raise UsageError(f"{len(views)} stacks match; only one can be watched", "name one: --stack")
    _end(_watch(views[0], until, limit_seconds, json=json), json=json)


@dataclass(frozen=True)
class _Seen:
    """One look at one stack."""

    view: StackView
    services: "dict[str, ServiceStatus]"

    @property
    def drift(self) -> bool:
        return any(service.differences for service in self.services.values())

    def to_json(self) -> dict[str, Any]:
        services = {name: service.to_json() for name, service in self.services.items()}
        return {"stack": self.view.name, "namespace": self.view.namespace, "drift": self.drift, "services": services}


def _look(view: StackView) -> _Seen:
    from cutover.observe import live

    return _Seen(view, live(view))


def _end(seen: list[_Seen], *, json: bool, tree: bool = False, error: TimedOut | None = None) -> None:
    """Print what was seen last and exit."""
    code = error.exit_code if error else Exit.DRIFT if any(look.drift for look in seen) else Exit.DONE
    if json:
        _print_json(seen, code, error)
    elif tree:
        from cutover.observe.display import print_lines
        from cutover.observe.tree import tree as tree_of

        for look in seen:
            print_lines(tree_of(look.view.name, look.view.namespace, look.services))
    if error:
        raise error
    raise typer.Exit(code)


def _print_json(seen: list[_Seen], code: int, error: Exception | None) -> None:
    import json

    document = {"verb": "status", "exitCode": int(code), "stacks": [look.to_json() for look in seen]}
    if error:
        document["error"] = str(error)
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _watch(view: StackView, until: Goal | None, limit_seconds: float, *, json: bool) -> list[_Seen]:
    """Look until the goal is reached. Without one until Ctrl-C, which is the ordinary end of watching."""
    from cutover.observe.display import display

    shown = display(sys.stderr if json else sys.stdout)
    seen: list[_Seen] = []
    try:
        _look_again(view, until, limit_seconds, shown, seen)
    except KeyboardInterrupt:
        if until:
            raise
    except TimedOut as error:
        shown.close()
        _end(seen[-1:], json=json, error=error)
    finally:
        shown.close()
    return seen[-1:]


def _look_again(view: StackView, until: Goal | None, limit_seconds: float, shown: "Display", seen: list[_Seen]) -> None:
    from cutover.observe import Api, access_of, look
    from cutover.observe.goal import why_not
    from cutover.observe.tree import tree

    end = time.monotonic() + limit_seconds
    with Api(access_of(view)) as api:
        while True:
            try:
                now = read_view(view.path)  # another verb may be editing it
                found = _Seen(now, look(api, now))
            except ClusterUnreachable as error:  # it may be back at the next look
                reason: str | None = error.what
                shown.trouble(error.what)
            else:
                seen[:] = [found]
                shown.show(tree(now.name, now.namespace, found.services), found.services)
                reason = why_not(until, found.services) if until else None
                if until and reason is None:
                    return
            if until and time.monotonic() >= end:
                raise TimedOut(f"{view.name} is not {until} after {limit_seconds:g} s: {reason}")
            time.sleep(POLL_SECONDS)
