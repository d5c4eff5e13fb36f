"""`release`: put a release on the idle color and bring it up ready; the live one is not touched."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result


@shared_options(changes=True)
def release(
    options: Options,
    service: Annotated[str, typer.Argument(help="The service.")],
    version: Annotated[str, typer.Option(help="Version of the application.")],
    image: Annotated[str, typer.Option(help="Image with a tag or, better, a digest.")],
    build: Annotated[
        int | None,
        typer.Option(min=0, help="Number of the build that made the image; the next of its version unless given."),
    ] = None,
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
    bake: Annotated[
        str, typer.Option(help="With --promote or --roll-out: watch for so long once it has the traffic, and revert.")
    ] = "0s",
) -> None:
    """Put a release on the idle color and bring it up ready. Without --promote, what takes the traffic stays."""
    from cutover.durations import seconds_of
    from cutover.operations.command.perform import perform

    new = {"version": version, "build": build, "image": image}
    asked: dict[str, Any] = {"secret": secret or [], "like_live": like_live, "roll_out": roll_out, "pin": pin}
    asked["promote"] = promote
    after_seconds, bake_seconds = seconds_of(after, "--after"), seconds_of(bake, "--bake")

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.release.release import release as work

        if not (promote or after_seconds or bake_seconds):  # what a promotion needs is imported for one alone
            return work(run, service, new, **asked)
        from cutover.operations.choice import any_of
        from cutover.operations.promote.promote_after import PromoteOptions, promote_after

        then, meant = PromoteOptions(promote, after_seconds, bake_seconds), any_of(run.view, service)
        then.check(meant)
        if then.bake and meant.rolls_out:
            from cutover.operations.release.watched import watched

            return watched(run, meant, then.bake, lambda: work(run, service, new, **asked))
        made = work(run, service, new, **asked)
        if not promote or not made.details.to_json().get("release"):  # it is live already
            return made
        run.file.keep()  # the release stays, whatever becomes of its promotion
        for line in made.lines:
            run.report.say(line)
        return promote_after(run, service, new, then)

    perform("release", options, carry_out)
