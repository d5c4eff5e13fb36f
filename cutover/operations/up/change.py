"""A change of the stack's file and the `up` that makes it true; where that fails, the file is made to tell the truth.

Before the switch a failure restores the file byte for byte. After it, each service's edit stays that the cluster proves
to be live, and the others go.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from contract.refusal import mend_or_abort
from cutover.engine.records import Outcome
from cutover.errors import DriverError, GateRefused, Interrupted, UsageError, unexpected
from cutover.operations.command.run import Run
from cutover.operations.up.commit import NotCommitted, check_repository, commit_file
from cutover.operations.up.missing import up
from cutover.operations.up.removal import check_removals
from cutover.operations.up.truth import Truth, read_truth
from cutover.stackfile.file import Wanted
from cutover.stackfile.lock import held
from cutover.strategies.fronts import FrontView
from cutover.strategies.service import ServiceView

_NEEDS_THE_EDIT = "; a `pulumi up` that is named here needs the edit again, which this command makes"


def change(
    run: Run, wanted: Wanted, switching: Mapping[str, str], message: str, *, may_end: Collection[str] = ()
) -> Outcome:
    """Edit the file, bring the stack up. `switching`: service -> the color it is to be switched to; `may_end`: services
    that the config has no more and that may end by it.

    Raises what the engine ends with, with what is live and what the file says added to it; GateRefused where another
    service would end; NotCommitted where only the commit did not come about.
    """
    with held(run.file.path):
        if run.options.commit:
            check_repository(run.file.path)
        return change_held(run, wanted, switching, message, may_end=may_end)


def change_held(
    run: Run, wanted: Wanted, switching: Mapping[str, str], message: str, *, may_end: Collection[str] = ()
) -> Outcome:
    """`change`, for who holds the file."""
    run.check_stopping()
    with settled(run, wanted, switching, message):
        check_removals(run, may_end)
        with run.sheltered():
            run.file.set(wanted)
        run.check_stopping()
        outcome = up(run, run.options.message or message)
    commit(run, message)
    return outcome


@contextmanager
def settled(run: Run, wanted: Wanted, switching: Mapping[str, str], message: str) -> Iterator[None]:
    """A context for work on the stack. Whatever ends it, a bug or a signal too, the file then says what is live.

    `wanted` and `switching` are read at the end, so they may grow with the work.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise _settle(run, Interrupted("stopped at once by the user"), wanted, switching, message) from None
    except UsageError as error:
        if not (run.file.edited or run.steps or run.moved):  # the edit itself was refused: nothing has begun
            raise
        raise _settle(run, error, wanted, switching, message) from error
    except Exception as error:
        raise _settle(run, unexpected(error), wanted, switching, message) from error


def commit(run: Run, message: str) -> None:
    """The git commit, where one is asked for and the file changed."""
    if run.options.commit and (made := commit_file(run.file.path, f"deploy({run.stack}): {message}")):
        run.note(commit=made)
        run.report.say(f"committed {run.file.path.name} as {made}")


def _settle(run: Run, error: DriverError, wanted: Wanted, switching: Mapping[str, str], message: str) -> DriverError:
    """Make the file tell the truth; the error, with what is live and what the file says."""
    if error is run.settled:
        return error
    with run.sheltered():
        truth = read_truth(run, switching, error.what)
        refused = _refused(run, switching, truth) if isinstance(error, GateRefused) else []
        if refused and not error.fix:  # the same again would be refused again
            error.fix = "; ".join(mend_or_abort(name, run.stack) for name in refused)
        said = [
            text
            for text in (
                truth.said(),
                _put_right(run, wanted, switching, message, truth, error.what, refused=bool(refused)),
            )
            if text
        ]
    run.settled = truth.told(error, switching, "; ".join(said))
    return run.settled


def _refused(run: Run, switching: Mapping[str, str], truth: Truth) -> list[str]:
    """The services whose cutover did not come about, by what the cluster says."""
    two = run.view.switching
    meant: Mapping[str, str | None] = switching or {name: two[name].active for name in truth.shown if name in two}
    return [name for name, color in meant.items() if name in two and truth.live.get(name) not in (None, color)]


def _put_right(
    run: Run, wanted: Wanted, switching: Mapping[str, str], message: str, truth: Truth, said: str, *, refused: bool
) -> str:
    name = run.file.path.name
    switched = [service for service, color in switching.items() if truth.live.get(service) == color]
    try:
        if switched:
            run.file.set(kept := _kept(run, wanted, switching, switched))
            said = _says(run, wanted, kept, switched, truth)
            try:
                commit(run, message)
            except NotCommitted as error:
                said = f"{said}; {error.what}"
            return said
        if not run.file.edited:
            return f"{name} is as it was"
        run.file.restore()
    except Exception as error:
        return f"{name} could not be put right: {unexpected(error).what}"
    if not truth.proved:
        return f"{name} was put back; the cluster could not be asked, so look: `cutover status`"
    if not (switching or refused):
        return f"{name} is as it was; what the run left in the cluster, `cutover up` clears away"
    return f"{name} is as it was" + (_NEEDS_THE_EDIT if "`pulumi up`" in said else "")


def _says(run: Run, wanted: Wanted, kept: Wanted, switched: list[str], truth: Truth) -> str:
    """What the file says of the services that were switched: of some only that what moves together stays together."""
    file, left = run.file.path.name, dict[str, list[str]]()
    movers: dict[str, ServiceView | FrontView] = {**run.view.services, **run.view.fronts}
    for name in switched:
        if movers[name].active_path in wanted.keys() - kept.keys():
            left.setdefault(movers[name].unit, []).append(name)
    alone = [name for name in switched if not any(name in names for names in left.values())]
    so = "so" if truth.proved else "the same"
    said = [f"{file} says {so} of {', '.join(alone)}" if left else f"{file} says {so}"] if alone else []
    for unit, names in left.items():
        said.append(
            f"{file} has {movers[names[0]].active} for all of {unit}; the next `up` moves {', '.join(names)} there"
        )
    return "; ".join(said if truth.proved else [*said, "look: `cutover status`"])


def _kept(run: Run, wanted: Wanted, switching: Mapping[str, str], switched: list[str]) -> Wanted:
    """The edits of the services that were switched; of what moves together only where all of it was."""
    kept = dict(wanted)
    for front in run.view.fronts.values():
        if front.name in switching and front.name not in switched:
            kept.pop(front.active_path, None)
    for service in run.view.services.values():
        if service.name in switching and service.name not in switched:
            kept.pop(service.active_path, None)
            home = service.home
            kept = {path: value for path, value in kept.items() if path[: len(home)] != home}
    return kept
