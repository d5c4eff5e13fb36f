"""`cutover status`: what is true in the cluster now, beside what the config says.

Reads the config files and the cluster; needs no engine, takes no lock, writes nothing: it may run beside any verb. Only
`--provenance` asks the engine, for the stack's history, and does without where it gives no answer.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from contract.text import printable
from cutover.durations import seconds_of
from cutover.errors import ClusterUnreachable, DriverError, Exit, TimedOut, UsageError, unexpected
from cutover.reading_options import Cwd, Json, Stack, print_document
from cutover.stackfile.find import choose, find_project, stack_name
from cutover.stackfile.view import StackView, read_view

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus
    from cutover.observe.display import Display

Goal = Literal["healthy", "paused"]
POLL_SECONDS = 1.0
_WORST = (Exit.DONE, Exit.DRIFT, Exit.USAGE, Exit.FAILED)  # of several stacks the worst one counts


def status(
    stack: Stack = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on looking, until Ctrl-C or --until.")] = False,
    until: Annotated[
        Goal | None, typer.Option(help="Wait until all is as the config says, or also until a preview waits.")
    ] = None,
    timeout: Annotated[str, typer.Option(help="How long --until waits: 90s, 2m.")] = "10m",
    provenance: Annotated[
        bool, typer.Option("--provenance", help="Also what image each release runs and where it came from.")
    ] = False,
    json: Json = False,
    cwd: Cwd = Path(),
) -> None:
    """Show per service its colors, releases, pods and gates; desired beside actual. Exit code 1 where a service is
    degraded, else 6 on drift.

    Examples: cutover status --stack prod; cutover status --until healthy --timeout 90s
    """
    seen: list[_Seen] = []
    try:
        limit_seconds = seconds_of(timeout, "--timeout")
        if watch and json and not until:
            raise UsageError("--watch --json has no end, so no document", "add --until healthy, or leave out --watch")
        paths = choose(find_project(cwd), stack)
        if (watch or until) and len(paths) > 1:
            raise UsageError(f"{len(paths)} stacks match; only one can be watched", "name one: --stack")
        if watch or until:
            _watch(read_view(paths[0]), until, limit_seconds, seen, json=json, provenance=provenance)
        else:
            with ThreadPoolExecutor() as pool:
                seen = list(pool.map(lambda path: _look(path, provenance=provenance), paths))
    except Exception as raised:
        error = unexpected(raised)
        if json:
            _print_json(seen, error.exit_code, error)
        raise error from None
    code = max((look.exit_code for look in seen), key=_WORST.index, default=Exit.DONE)
    if json:
        _print_json(seen, code)
    elif not (watch or until):
        _print_trees(seen, provenance=provenance)
    raise typer.Exit(code)


@dataclass(frozen=True)
class _Seen:
    """One look at one stack, or why there was nothing to see."""

    stack: str
    namespace: str = ""
    services: "dict[str, ServiceStatus]" = field(default_factory=dict)
    run: str = ""  # who holds the stack, where that is known
    error: DriverError | None = None

    @property
    def exit_code(self) -> Exit:
        if self.error:
            return self.error.exit_code
        if any(service.state == "degraded" for service in self.services.values()):
            return Exit.FAILED
        return Exit.DRIFT if any(service.differences for service in self.services.values()) else Exit.DONE

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"stack": self.stack, "exitCode": int(self.exit_code)}
        if self.error:
            return found | {"error": self.error.what, "fix": self.error.fix}
        services = {name: service.to_json() for name, service in self.services.items()}
        drift = any(service.differences for service in self.services.values())
        run = {"run": self.run} if self.run else {}
        return found | {"namespace": self.namespace, **run, "drift": drift, "services": services}


def _look(path: Path, *, provenance: bool) -> _Seen:
    from cutover.observe import live

    try:
        view = read_view(path)
        services = live(view)
        if provenance:
            from cutover.operations.history.numbers import Numbers

            services = Numbers(_warn).added(view, services)
        return _beside(view, services)
    except Exception as raised:
        return _Seen(stack_name(path), error=unexpected(raised))


def _beside(view: StackView, services: "dict[str, ServiceStatus]") -> _Seen:
    """What was seen, and the run that is under way, beside which no other is advised."""
    from cutover.observe.under_way import run_under_way, waiting

    run = run_under_way(view)
    return _Seen(view.name, view.namespace, waiting(services, run) if run else services, run)


def _warn(text: str) -> None:
    sys.stderr.write(printable(f"warning: {text}") + "\n")


def _print_trees(seen: list[_Seen], *, provenance: bool) -> None:
    from cutover.observe.display import print_lines
    from cutover.observe.tree import tree

    for look in seen:
        if not look.error:
            print_lines(tree(look.stack, look.namespace, look.services, look.run, provenance=provenance))
        else:
            sys.stderr.write(printable(f"error: {look.stack}: {look.error}") + "\n")


def _print_json(seen: list[_Seen], code: int, error: DriverError | None = None) -> None:
    document: dict[str, Any] = {"verb": "status", "exitCode": int(code), "stacks": [look.to_json() for look in seen]}
    if error:
        document |= {"error": error.what, "fix": error.fix}
    print_document(document)


def _watch(
    view: StackView, until: Goal | None, limit_seconds: float, seen: list[_Seen], *, json: bool, provenance: bool
) -> None:
    """Look until the goal is reached. Without one until Ctrl-C, which is the ordinary end of watching.

    The last look is left in `seen`, also where the time is over.
    """
    from cutover.observe.display import display

    shown = display(sys.stderr if json else sys.stdout)
    try:
        _look_again(view, until, limit_seconds, shown, seen, provenance=provenance)
    except KeyboardInterrupt:
        if until:
            raise
    finally:
        shown.close()


def _look_again(
    view: StackView,
    until: Goal | None,
    limit_seconds: float,
    shown: "Display",
    seen: list[_Seen],
    *,
    provenance: bool,
) -> None:
    from cutover.observe import Api, access_of, look
    from cutover.observe.goal import degraded, why_not
    from cutover.observe.tree import tree
    from cutover.operations.history.numbers import Numbers

    numbers = Numbers(_warn)
    end = time.monotonic() + limit_seconds
    with Api(access_of(view)) as api:
        while True:
            try:
                now = read_view(view.path)  # another verb may be editing it
                services = look(api, now)
                services = numbers.added(now, services) if provenance else services
            except ClusterUnreachable as error:  # it may be back at the next look
                reason: str | None = error.what
                shown.trouble(error.what)
            else:
                seen[:] = [beside := _beside(now, services)]
                services = beside.services
                shown.show(tree(now.name, now.namespace, services, beside.run, provenance=provenance), services)
                reason = why_not(until, services) if until else None
                if until and (bad := degraded(services)):
                    raise DriverError(f"{view.name} is degraded, which waiting does not mend: {bad}")
                if until and reason is None:
                    return
            if until and time.monotonic() >= end:
                raise TimedOut(f"{view.name} is not {until} after {limit_seconds:g} s: {reason}")
            time.sleep(POLL_SECONDS)
