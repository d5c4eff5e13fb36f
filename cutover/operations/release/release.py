"""`release`: a release is written on the idle color, and brought up ready."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cutover.errors import DriftFound
from cutover.operations.choice import any_of
from cutover.operations.command.run import Run
from cutover.operations.promote.promotable import left_behind
from cutover.operations.release.content import content_edits, differing, refuse_other_secrets, secrets_of
from cutover.operations.up.change import change
from cutover.operations.up.kept import in_words, kept_after
from cutover.output.result import Result
from cutover.stackfile import ServiceView
from cutover.stackfile.edit import ABSENT
from cutover.stackfile.file import Wanted
from cutover.strategies.releases import describe, next_build, same

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


def release(
    run: Run,
    name: str,
    new: dict[str, Any],
    *,
    secret: list[str],
    like_live: bool,
    roll_out: bool,
    pin: bool,
    promote: bool,
) -> Result:
    """The result: whether the release is up, on which slot. `new` is its version, build and image; `pin` asks the
    registry for the digest, `promote` tells that a promotion follows. A build of None becomes the next of its version.
    Raises UsageError, DriftFound, GateRefused and what `change` does.
    """
    run.expect_engine()
    service = any_of(run.view, name)
    if pin:
        from cutover.operations.release.pin import pinned

        new["image"] = pinned(run, new["image"])
    if new["build"] is None:
        new["build"] = next_build([*service.slots.values(), *service.kept], new["version"], new["image"])
    secrets = secrets_of(secret)
    if service.serves(new):
        refuse_other_secrets(service, secrets)
        return _once_more(run, service, new, promote=promote)
    seen = _check_live(run, service, new) if service.switches else None
    service.check_release(roll_out=roll_out)
    slot, what = service.new_slot, service.announced(new)
    run.note(service=name, slot=slot, release=new, secrets=secrets)
    run.confirm(f"release {name} {what}{', and promote it' if promote else ''}")
    run.report.say(f"{name}: {what}")
    # What else the file gives the color (env, config) is its reader's to keep or to change, unless he said so here.
    edits = content_edits(service, secrets, like_live=like_live)
    wanted: Wanted = {(*service.slot_path(slot), key): value for key, value in {**new, **edits}.items()}
    if "adopt" in service.slots[slot]:  # what runs already is no new release
        wanted = {**wanted, (*service.slot_path(slot), "adopt"): ABSENT}
    kept = kept_after(service, seen, new)
    if said := in_words(service, kept):
        run.report.say(f"{name}: {said}")
    wanted = {**wanted, **kept}
    if other := differing(service, edits):
        run.report.say(
            f"{name}: {slot} has not the {', '.join(other)} of the live release; --like-live takes them over", "warning"
        )
    outcome = change(run, wanted, {}, f"release {name} {describe(new)} on {slot}")
    done = outcome.changed or run.file.edited
    ended, then = service.ended(new)
    ended = f"{ended}; {then}" if then and not promote else ended
    there = f"{name}: {slot} has {describe(new)} already"
    line = ended if done else there if promote else f"{there}; nothing to do"
    return Result("release", run.stack, 0, done, (line,), details=run.details)


def _once_more(run: Run, service: ServiceView, new: dict[str, Any], *, promote: bool) -> Result:
    """The file has the release on its active color already. Whether it serves, the cluster tells: a run may have been
    killed between its edit and its end. What is left of it is done now, by the promotion that follows where there is
    one to be carried on. Raises DriftFound where that would switch, and no promotion is asked for.
    """
    name, color = service.name, service.active
    seen, what = run.live()[name], f"{color} {describe(new)}"
    serves = seen.live and (seen.live.release, seen.live.image) == (describe(new), new["image"])
    if seen.live_color == color and seen.completed and serves:
        line = f"{name}: {color} is already live with {describe(new)}; nothing to do"
        return Result("release", run.stack, 0, False, (line,))
    said = f"{name}: {run.file.path.name} has {what} active, and that was not carried to its end; doing so now"
    if promote and seen.live_color and (seen.live_color != color or not seen.completed):
        run.note(service=name, slot=color, release=new)
        run.confirm(f"release {name} {what}, and promote it")
        return Result("release", run.stack, 0, False, (said,), details=run.details)
    _refuse_to_switch(run, service, seen.live_color)
    run.confirm(f"carry out {name} {what}")
    run.report.say(said)
    change(run, {}, {name: str(color)}, f"release {name} {describe(new)} on {color}")
    return Result("release", run.stack, 0, True, (f"{name}: {what} is live",), details=run.details)


def _refuse_to_switch(run: Run, service: ServiceView, live: str | None) -> None:
    """Raises DriftFound where another color takes the traffic than the file says."""
    if live and live != service.active:
        raise DriftFound(
            f"{service.name}: {live} takes the traffic, and {run.file.path.name} says {service.active}; a release "
            "would switch it",
            f"`cutover up` switches to {service.active}; `active: {live}` in the file keeps {live}",
        )


def _check_live(run: Run, service: ServiceView, new: Mapping[str, Any]) -> "ServiceStatus | None":
    """An `up` switches the live Service to what the file says: not under the name of a release. Raises DriftFound.

    Raises GateRefused for a release that was left: to bring it up once more would do nothing and look like success.
    """
    status = run.live().get(service.name)
    _refuse_to_switch(run, service, status.live_color if status else None)
    if status and status.left and same(service.colors.get(service.idle), new):
        raise left_behind(status)
    return status
