"""The checks of a release that a service may ask for: the key of each, as a field and as a keyword argument.

Beside the field and the keyword, a check is an entry in `contract/checks.py` and a module in `components/checks`.
"""

from typing import Annotated, TypedDict

from pydantic import Field

from components.settings.base import Settings, Why
from components.settings.release_job import ReleaseJob
from components.settings.smoke import Seconds, SmokeCheck, SmokeJob
from components.settings.values import Arguments

__all__ = ["ReleaseJob", "SmokeCheck", "SmokeJob", "VerifyCommand"]  # what `components` exports of this


class VerifyCommand(Settings):
    """A command on the machine that runs `pulumi up`. `verify`: the switch waits until it ends with 0; `verify_after`:
    the drain does.
    """

    command: Annotated[
        Arguments, Field(min_length=1), Why("it is started as it is, without a shell: pipes and `&&` need one")
    ] = Field(description="Program and arguments. It reads one JSON document about the release on its standard input.")
    timeout_seconds: Annotated[Seconds, Why("a command that hangs would hold the release for ever")] = Field(
        default=60, description="Time for all tries; a command that still runs then is ended."
    )
    interval_seconds: Seconds = Field(default=2, description="Time before the next try after an exit code of 75.")


class ReleaseChecks(Settings):
    """The checks of a release, and the Jobs around it."""

    smoke: SmokeCheck | None = Field(default=None, description="HTTP check of a release before it gets traffic.")
    smoke_job: SmokeJob | None = Field(default=None, description="Job that checks a release before it gets traffic.")
    verify: VerifyCommand | None = Field(
        default=None, description="Command of your own that checks a release before it gets traffic."
    )
    verify_after: Annotated[
        VerifyCommand | None, Why("a load balancer that sends to pods by itself would send to pods that are gone")
    ] = Field(
        default=None,
        description="Command of your own that tells when all traffic has followed a switch, or a step of a canary in a "
        "route; nothing is drained before.",
    )
    before_cutover: Annotated[ReleaseJob | None, Why("a release that finds the old schema fails under traffic")] = (
        Field(default=None, description="Job that must succeed before a release gets traffic for the first time.")
    )
    after_cutover: Annotated[ReleaseJob | None, Why("what the old release still reads must not be taken away yet")] = (
        Field(default=None, description="Job that runs once a release's cutover is complete and the old pods drained.")
    )


class CheckFields(TypedDict, total=False):
    """The fields of `ReleaseChecks` as keyword arguments."""

    smoke: SmokeCheck | None
    smoke_job: SmokeJob | None
    verify: VerifyCommand | None
    verify_after: VerifyCommand | None
    before_cutover: ReleaseJob | None
    after_cutover: ReleaseJob | None
