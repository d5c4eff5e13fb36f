"""`release`: put a release on the idle color and bring it up ready; the live one is not touched."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cutover.errors import DriftFound, UsageError
from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cutover.operations.command.job import Job
    from cutover.output.result import Result
    from cutover.stackfile import ServiceView
    from cutover.stackfile.file import Wanted


@shared_options(changes=True)
def release(
    options: Options,
    service: Annotated[str, typer.Argument(help="The service.")],
    version: Annotated[str, typer.Option(help="Version of the application.")],
    build: Annotated[int, typer.Option(min=0, help="Number of the build that made the image.")],
    image: Annotated[str, typer.Option(help="Image with a tag or, better, a digest.")],
    pin: Annotated[
        bool, typer.Option("--pin", help="Ask the registry what the tag names, and write that digest beside it.")
    ] = False,
    secret: Annotated[
        list[str] | None,
        typer.Option(help="VARIABLE=KEY: a secret of this release, by its key in the stack's config. Repeatable."),
    ] = None,
    like_live: Annotated[
        bool,
        typer.Option("--like-live", help="Take env, config, config_files, secrets and pod over from the live release."),
    ] = False,
    roll_out: Annotated[
        bool, typer.Option("--roll-out", help="For a rolling service, which has no idle color: roll it out now.")
    ] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Then send it the traffic, behind the gates, as `promote` does.")
    ] = False,
    after: Annotated[str, typer.Option(help="With --promote: so long after it is ready (90s, 10m).")] = "0s",
    bake: Annotated[str, typer.Option(help="With --promote: watch for so long after the switch, and revert.")] = "0s",
) -> None:
    """Put a release on the idle color and bring it up ready. Without --promote, what takes the traffic stays."""
    from cutover.durations import seconds_of
    from cutover.operations.command.perform import perform

    new = {"version": version, "build": build, "image": image}
    asked: dict[str, Any] = {"secret": secret or [], "like_live": like_live, "roll_out": roll_out, "pin": pin}
    asked["promote"] = promote
    after_seconds, bake_seconds = seconds_of(after, "--after"), seconds_of(bake, "--bake")

    def run(job: "Job") -> "Result":
        if not (promote or after_seconds or bake_seconds):  # what a promotion needs is imported for one alone
            return _run(job, service, new, **asked)
        from cutover.operations.choice import any_of
        from cutover.operations.promote.promote_after import PromoteOptions, promote_after

        then = PromoteOptions(promote, after_seconds, bake_seconds)
        then.check(any_of(job.view, service))
        made = _run(job, service, new, **asked)
        if not promote or "release" not in job.details:  # it is live already
            return made
        job.file.keep()  # the release stays, whatever becomes of its promotion
        for line in made.lines:
            job.report.say(line)
        return promote_after(job, service, then)

    perform("release", options, run)


def _run(
    job: "Job",
    name: str,
    new: dict[str, Any],
    *,
    secret: list[str],
    like_live: bool,
    roll_out: bool,
    pin: bool,
    promote: bool,
) -> "Result":
    from cutover.operations.choice import any_of
    from cutover.operations.release.content import content_edits, differing, refuse_other_secrets, secrets_of
    from cutover.operations.up.change import change
    from cutover.output.result import Result
    from cutover.stackfile.edit import ABSENT
    from cutover.strategies.releases import describe, same

    service = any_of(job.view, name)
    if pin:
        from cutover.operations.release.pin import pinned

        new["image"] = pinned(job, new["image"])
    secrets = secrets_of(secret)
    if service.blue_green:
        live = service.active or ""
        if same(service.colors.get(live), new):
            refuse_other_secrets(service, secrets)
            line = f"{name}: {live} is already live with {describe(new)}; nothing to do"
            return Result("release", job.stack, 0, False, (line,))
        _check_live(job, service, new)
        slot, what = (
            service.idle,
            f"{describe(new)} on {service.idle}, beside {live} {describe(service.colors.get(live))}",
        )
    elif roll_out:
        slot, what = "release", f"{describe(new)}, in place of {describe(service.release)}"
    else:
        raise UsageError(f"{name} is a rolling service: it has no idle color", "add --roll-out to roll it out now")
    job.details |= {"service": name, "slot": slot, "release": new, "secrets": secrets}
    job.confirm(f"release {name} {what}{', and promote it' if promote else ''}")
    job.report.say(f"{name}: {what}")
    # What else the file gives the color (env, config) is its reader's to keep or to change, unless he said so here.
    edits = content_edits(service, secrets, like_live=like_live)
    wanted: Wanted = {(*service.slot_path(slot), key): value for key, value in {**new, **edits}.items()}
    if "adopt" in (service.colors.get(slot) or service.release):  # what runs already is no new release
        wanted = {**wanted, (*service.slot_path(slot), "adopt"): ABSENT}
    if service.blue_green and (other := differing(service, edits)):
        job.report.say(
            f"{name}: {slot} has not the {', '.join(other)} of the live release; --like-live takes them over", "warning"
        )
    outcome = change(job, wanted, {}, f"release {name} {describe(new)} on {slot}")
    done = outcome.changed or job.file.edited
    ready = f"{name}: {slot} is ready with {describe(new)}" if service.blue_green else f"{name}: {describe(new)} is out"
    after = f"; `cutover promote {name}` sends it the traffic" if service.blue_green and not promote else ""
    line = ready + after if done else f"{name}: {slot} has {describe(new)} already; nothing to do"
    return Result("release", job.stack, 0, done, (line,), details=job.details)


def _check_live(job: "Job", service: "ServiceView", new: "Mapping[str, Any]") -> None:
    """An `up` switches the live Service to what the file says: not under the name of a release. Raises DriftFound.

    Raises GateRefused for a release that was left: to bring it up once more would do nothing and look like success.
    """
    from cutover.operations.promote.promotable import left_behind
    from cutover.strategies.releases import same

    status = job.live().get(service.name)
    live = status.live_color if status else None
    if live and live != service.active:
        raise DriftFound(
            f"{service.name}: {live} takes the traffic, and {job.file.path.name} says {service.active}; a release "
            "would switch it",
            f"`cutover up` switches to {service.active}; `active: {live}` in the file keeps {live}",
        )
    if status and status.left and same(service.colors.get(service.idle), new):
        raise left_behind(status)
