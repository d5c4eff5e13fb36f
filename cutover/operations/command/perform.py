"""A command from its line to its end: which stacks, the verb on each, the result told to whom it concerns."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cutover.errors import DriverError, UsageError
from cutover.operations.command.run import Run
from cutover.operations.command.tell import error_of, tell
from cutover.options import Options
from cutover.output.commands import for_stack
from cutover.output.report import Report
from cutover.output.result import Result, failure
from cutover.stackfile.find import choose, find_project, project_of, stack_files, stack_name

Body = Callable[[Run], Result]


def perform(verb: str, options: Options, body: Body) -> None:
    """Run a verb on the stack, or the stacks, that are meant. Ends the command with the exit code."""
    try:
        if options.notify:
            from cutover.notify import check_urls

            check_urls(options.notify)
        paths = choose(find_project(options.cwd), options.stack)
        several = _several(verb, options, paths) if len(paths) > 1 else None
    except (Exception, KeyboardInterrupt) as error:
        raise SystemExit(_not_begun(verb, options, error_of(error))) from None
    raise SystemExit(run_one(verb, options, paths[0], body).exit_code if several is None else several)


def _several(verb: str, options: Options, paths: list[Path]) -> int:
    from cutover.operations.command.fleet import run_fleet

    return run_fleet(verb, options, paths)


def _not_begun(verb: str, options: Options, error: DriverError) -> int:
    """A command that ended before it came to any stack: told like every other end."""
    result = failure(verb, options.stack or "", error, changed=False)
    with Report(as_json=options.json) as report:
        report.finish(result)
        if options.notify and not (isinstance(error, UsageError) and "--notify" in error.what):
            tell(options.notify, result, report)
    return result.exit_code


def run_one(verb: str, options: Options, path: Path, body: Body) -> Result:
    """A verb on one stack."""
    started, begun = datetime.now(UTC), time.monotonic()
    with Report(as_json=options.json) as report:
        ended = _typed(_guarded(verb, options, path, body, report), path)
        result = replace(ended, started=started, seconds=time.monotonic() - begun)
        report.finish(result)
        if options.changes:
            _keep(path, result, report)
        if options.notify:
            tell(options.notify, result, report)
    return result


def _typed(result: Result, path: Path) -> Result:
    """The result, whose commands name the stack where the project has several."""
    if len(stack_files(project_of(path))) < 2:
        return result
    lines = tuple(for_stack(line, stack_name(path)) for line in result.lines)
    return replace(result, lines=lines, fix=for_stack(result.fix, stack_name(path)))


def _keep(path: Path, result: Result, report: Report) -> None:
    """For `report` and `dashboard`; one whose machine keeps nothing has only the picture to do without."""
    from cutover.operations.command.kept import keep

    try:
        keep(path, result.to_json())
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home
        report.say(f"how this ended was not kept for later reports: {error}", "warning")


def _guarded(verb: str, options: Options, path: Path, body: Body, report: Report) -> Result:
    run: Run | None = None
    try:
        run = Run(verb, path, options, report)
        run.check_asking()
        run.listen()
        result = body(run)
        return replace(result, details=run.account())  # with what was noted since the result was made: a load's account
    except (Exception, KeyboardInterrupt) as raised:
        error = error_of(raised)
    name = run.stack if run else stack_name(path)
    return failure(verb, name, error, changed=bool(run and run.changed), details=run.account() if run else None)
