"""A change of the stack's file and the `up` that makes it true; where that fails, the file is made to tell the truth.

Before the switch a failure restores the file byte for byte. After it, each service's edit stays that the cluster proves
to be live, and the others go.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cutover.engine.records import SERVICE, Outcome
from cutover.errors import DriverError, Interrupted
from cutover.run.commit import check_repository, commit_file
from cutover.run.job import Job
from cutover.stackfile.file import Wanted, held


def change(job: Job, wanted: Wanted, switching: Mapping[str, str], message: str) -> Outcome:
    """Edit the file, bring the stack up. `switching`: service -> the color it is to be switched to.

    Raises what the engine ends with, with what is live and what the file says added to it.
    """
    with held(job.file.path):
        if job.options.commit:
            check_repository(job.file.path)
        job.check_stopping()
        job.file.set(wanted)
        with settled(job, wanted, switching, message):
            outcome = job.engine.up(job.options.message or message)
        commit(job, message)
    return outcome


@contextmanager
def settled(job: Job, wanted: Wanted, switching: Mapping[str, str], message: str) -> Iterator[None]:
    """Whatever ends the work within, the file then says what is live."""
    try:
        yield
    except DriverError as error:
        error.what = f"{error.what}\n{_settle(job, wanted, switching, message)}"
        raise
    except KeyboardInterrupt:
        told = _settle(job, wanted, switching, message)
        raise Interrupted(f"stopped at once by the user\n{told}", "`cutover status` says what is live") from None


def commit(job: Job, message: str) -> None:
    """The git commit, where one is asked for and the file changed."""
    if job.options.commit and (made := commit_file(job.file.path, f"deploy({job.stack}): {message}")):
        job.details["commit"] = made
        job.report.say(f"committed {job.file.path.name} as {made}")


def _settle(job: Job, wanted: Wanted, switching: Mapping[str, str], message: str) -> str:
    """Make the file tell the truth; says what it says."""
    name = job.file.path.name
    if not switching:
        return f"{name} {_restored(job)}"
    live, proved = _live_colors(job, switching)
    switched = [service for service, color in switching.items() if live.get(service) == color]
    said = ", ".join(f"{service}: {color or 'nothing'} is live" for service, color in live.items())
    job.details["live"] = live
    try:
        if not switched:
            job.file.restore()
            kept = (
                "is as it was" if proved else "was put back; the cluster could not be asked, so look: `cutover status`"
            )
        else:
            job.file.set(_kept(job, wanted, switching, switched))
            kept = "says so"
            commit(job, message)
    except DriverError as error:
        kept = f"could not be put right: {error}"
    return f"{said}; {name} {kept}"


def _kept(job: Job, wanted: Wanted, switching: Mapping[str, str], switched: list[str]) -> Wanted:
    """The edits of the services that were switched; of what moves together only where all of it was."""
    kept = dict(wanted)
    for front in job.view.fronts.values():
        if front.name in switching and front.name not in switched:
            kept.pop(front.active_path, None)
    for service in job.view.services.values():
        if service.name in switching and service.name not in switched:
            kept.pop(service.active_path, None)
            home = service.home
            kept = {path: value for path, value in kept.items() if path[: len(home)] != home}
    return kept


def _restored(job: Job) -> str:
    if not job.file.edited:
        return "is as it was"
    try:
        job.file.restore()
    except DriverError as error:
        return f"could not be put back: {error}"
    return "is as it was; what the run left of it in the cluster, `cutover up` clears away"


def _live_colors(job: Job, switching: Mapping[str, str]) -> tuple[dict[str, str | None], bool]:
    """Service -> color that takes the traffic, asked of the cluster; else as far as the engine's events tell.

    Where only the events are left, a switch that began and has no end counts as done: to say the new color is the
    guess whose mistake the next run mends through its gates.
    """
    try:
        status = job.live()
        return {service: status[service].live_color for service in switching}, True
    except (DriverError, OSError) as error:
        job.report.say(f"the cluster cannot be asked what is live: {error}", "warning")
    begun: dict[str, bool] = {}
    for step in job.steps:
        if step.type == SERVICE and step.op in ("create", "update") and step.name in switching:
            begun[step.name] = step.moment != "failed"
    before: dict[str, Any] = job.details.get("before", {})
    return {s: color if begun.get(s) else before.get(s) for s, color in switching.items()}, False
