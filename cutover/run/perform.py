"""From a command line to its end: which stacks, the verb on each, the result told to whom it concerns."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer

from cutover.errors import DriverError, Interrupted
from cutover.options import Options
from cutover.output.report import Report
from cutover.output.result import Result, failure
from cutover.run.job import Job
from cutover.stackfile.find import choose, find_project

Body = Callable[[Job], Result]


def perform(verb: str, options: Options, body: Body) -> None:
    """Run a verb on the stack, or the stacks, that are meant. Ends the command with the exit code."""
    try:
        if options.notify:
            from cutover.notify import check_url

            check_url(options.notify)
        paths = choose(find_project(options.cwd), options.stack)
        if len(paths) > 1:
            from cutover.run.fleet import run_fleet

            raise typer.Exit(run_fleet(verb, options, paths))
    except DriverError as error:
        with Report(as_json=options.json) as report:
            report.finish(failure(verb, options.stack or "", error, changed=False, details={}))
        raise typer.Exit(error.exit_code) from None
    raise typer.Exit(run_one(verb, options, paths[0], body).exit_code)


def run_one(verb: str, options: Options, path: Path, body: Body) -> Result:
    """A verb on one stack."""
    started, begun = datetime.now(UTC), time.monotonic()
    with Report(as_json=options.json) as report:
        result = replace(_guarded(verb, options, path, body, report), started=started, seconds=time.monotonic() - begun)
        report.finish(result)
        if options.notify:
            from cutover.notify import notify

            delivery = notify(options.notify, result.to_json())
            if not delivery.delivered:
                report.say(f"the notification was not delivered: {delivery.said}", "warning")
    return result


def _guarded(verb: str, options: Options, path: Path, body: Body, report: Report) -> Result:
    job: Job | None = None
    try:
        job = Job(verb, path, options, report)
        job.check_asking()
        job.listen()
        return body(job)
    except KeyboardInterrupt:
        error: DriverError = Interrupted("stopped at once by the user", "`cutover status` says what is live")
    except DriverError as raised:
        error = raised
    name = job.stack if job else path.name.removeprefix("Pulumi.").removesuffix(".yaml")
    return failure(verb, name, error, changed=bool(job and job.changed), details=job.details if job else {})
