"""A change of the stack's file and the `up` that makes it true; where that fails, the file is made to tell the truth.

Before the switch a failure restores the file byte for byte. After it, each service's edit stays that the cluster proves
to be live, and the others go.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from contract.refusal import mend_or_abort
from cutover.engine.records import Outcome
from cutover.errors import DriverError, GateRefused, Interrupted, UsageError, unexpected
from cutover.operations.command.job import Job
from cutover.operations.up.commit import check_repository, commit_file
from cutover.operations.up.missing import up
from cutover.operations.up.removal import check_removals
from cutover.operations.up.truth import Truth, read_truth
from cutover.stackfile.file import Wanted, held

_NEEDS_THE_EDIT = "; a `pulumi up` that is named here needs the edit again, which this command makes"


def change(
    job: Job, wanted: Wanted, switching: Mapping[str, str], message: str, *, may_end: Collection[str] = ()
) -> Outcome:
    """Edit the file, bring the stack up. `switching`: service -> the color it is to be switched to; `may_end`: services
    that the config has no more and that may end by it.

    Raises what the engine ends with, with what is live and what the file says added to it; GateRefused where another
    service would end.
    """
    with held(job.file.path):
        if job.options.commit:
            check_repository(job.file.path)
        job.check_stopping()
        with settled(job, wanted, switching, message):
            check_removals(job, may_end)
            with job.sheltered():
                job.file.set(wanted)
            job.check_stopping()
            outcome = up(job, job.options.message or message)
        commit(job, message)
    return outcome


@contextmanager
def settled(job: Job, wanted: Wanted, switching: Mapping[str, str], message: str) -> Iterator[None]:
    """A context for work on the stack. Whatever ends it, a bug or a signal too, the file then says what is live.

    `wanted` and `switching` are read at the end, so they may grow with the work.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise _settle(job, Interrupted("stopped at once by the user"), wanted, switching, message) from None
    except UsageError as error:
        if not (job.file.edited or job.steps or job.moved):  # the edit itself was refused: nothing has begun
            raise
        raise _settle(job, error, wanted, switching, message) from error
    except Exception as error:
        raise _settle(job, unexpected(error), wanted, switching, message) from error


def commit(job: Job, message: str) -> None:
    """The git commit, where one is asked for and the file changed."""
    if job.options.commit and (made := commit_file(job.file.path, f"deploy({job.stack}): {message}")):
        job.note(commit=made)
        job.report.say(f"committed {job.file.path.name} as {made}")


def _settle(job: Job, error: DriverError, wanted: Wanted, switching: Mapping[str, str], message: str) -> DriverError:
    """Make the file tell the truth; the error, with what is live and what the file says."""
    if error is job.settled:
        return error
    with job.sheltered():
        truth = read_truth(job, switching, error.what)
        refused = _refused(job, switching, truth) if isinstance(error, GateRefused) else []
        if refused and not error.fix:  # the same again would be refused again
            error.fix = "; ".join(mend_or_abort(name, job.stack) for name in refused)
        said = [
            text
            for text in (
                truth.said(),
                _put_right(job, wanted, switching, message, truth, error.what, refused=bool(refused)),
            )
            if text
        ]
    job.settled = truth.told(error, switching, "; ".join(said))
    return job.settled


def _refused(job: Job, switching: Mapping[str, str], truth: Truth) -> list[str]:
    """The services whose cutover did not come about, by what the cluster says."""
    two = job.view.switching
    meant: Mapping[str, str | None] = switching or {name: two[name].active for name in truth.shown if name in two}
    return [name for name, color in meant.items() if name in two and truth.live.get(name) not in (None, color)]


def _put_right(
    job: Job, wanted: Wanted, switching: Mapping[str, str], message: str, truth: Truth, said: str, *, refused: bool
) -> str:
    name = job.file.path.name
    switched = [service for service, color in switching.items() if truth.live.get(service) == color]
    try:
        if switched:
            job.file.set(_kept(job, wanted, switching, switched))
            commit(job, message)
            return f"{name} says so" if truth.proved else f"{name} says the same; look: `cutover status`"
        if not job.file.edited:
            return f"{name} is as it was"
        job.file.restore()
    except Exception as error:
        return f"{name} could not be put right: {unexpected(error).what}"
    if not truth.proved:
        return f"{name} was put back; the cluster could not be asked, so look: `cutover status`"
    if not (switching or refused):
        return f"{name} is as it was; what the run left in the cluster, `cutover up` clears away"
    return f"{name} is as it was" + (_NEEDS_THE_EDIT if "`pulumi up`" in said else "")


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
