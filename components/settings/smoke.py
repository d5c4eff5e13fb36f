"""The checks of a release before it gets traffic: HTTP requests from the program, or a Job inside the cluster."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from components.settings.base import GIVEN, Fault, Rule, Settings, Values, Why
from components.settings.release import Release
from components.settings.values import Arguments, Count, Environment, HttpPath, Image, Positive, Text

Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


def _smoke_fits_timeout(values: Values) -> Iterator[Fault]:
    """`timeout_seconds` must leave time for all `successes`."""
    whole, waits = values["timeout_seconds"], (values["successes"] - 1) * values["interval_seconds"]
    if waits >= whole:
        yield Fault(
            ("timeout_seconds",),
            f"{values['successes']} successes {values['interval_seconds']:g} s apart take {waits:g} s, "
            f"but timeout_seconds is {whole:g} s",
            "the check could never pass, so no release would ever get traffic",
            f"raise timeout_seconds above {waits:g}, or ask for fewer successes",
        )


def _request_within_timeout(values: Values) -> Iterator[Fault]:
    """`request_timeout_seconds` may not exceed `timeout_seconds`."""
    request, whole = values["request_timeout_seconds"], values["timeout_seconds"]
    if request > whole and "request_timeout_seconds" in values[GIVEN]:
        yield Fault(
            ("request_timeout_seconds",),
            f"request_timeout_seconds is {request:g} s, more than the {whole:g} s of the whole check",
            "the first slow answer would use up the check without a word about why",
            f"lower request_timeout_seconds to {whole:g} or less, or raise timeout_seconds",
        )


SMOKE_RULES: tuple[Rule, ...] = (
    Rule(("timeout_seconds", "successes", "interval_seconds"), _smoke_fits_timeout),
    Rule(("timeout_seconds", "request_timeout_seconds"), _request_within_timeout),
)


class SmokeCheck(Settings):
    """HTTP GETs to the target color's own Service, through the API server; not asked of what served before."""

    path: Annotated[HttpPath, Why("a check of the wrong page proves nothing about the release")] = Field(
        description="Path to ask for."
    )
    expect_status: Annotated[int, Field(ge=100, le=599)] = Field(default=200, description="Status of a good answer.")
    expect_body: Annotated[Text, Field(min_length=1)] | None = Field(
        default=None, description="Text that a good answer contains; `{version}` and `{build}` are the release's."
    )
    successes: Annotated[Positive, Why("one good answer may have come from the one good pod")] = Field(
        default=3, description="Good answers in a row that are needed."
    )
    interval_seconds: Seconds = Field(default=0.5, description="Time between two requests.")
    timeout_seconds: Annotated[Seconds, Why("a check that never ends would hold the release for ever")] = Field(
        default=30, description="Time for the whole check."
    )
    request_timeout_seconds: Annotated[
        Seconds, Why("a release that answers slowly must fail here, not under traffic")
    ] = Field(default=5, description="Time for one request.")

    rules = SMOKE_RULES

    def body_for(self, release: Release) -> str | None:
        """The text that the release's answer must contain. Other braces are left alone: JSON is full of them."""
        if self.expect_body is None:
            return None
        return self.expect_body.replace("{version}", release.version).replace("{build}", str(release.build))


class SmokeJob(Settings):
    """A Job that runs once per release inside the cluster; the switch waits until it has succeeded."""

    image: Annotated[Image, Why("no node could pull it, so the check would never run")] = Field(
        description="Image of the check, with a tag or digest."
    )
    command: Arguments | None = Field(default=None, description="Replaces the image's entrypoint.")
    args: Arguments | None = Field(default=None, description="Replaces the image's arguments.")
    env: Environment = Field(default={}, description="Environment variables of the check.")
    timeout_seconds: Annotated[Positive, Why("a check that hangs would hold the release for ever")] = Field(
        default=120, description="Time for the whole Job."
    )
    retries: Annotated[Count, Why("a check that only passes the second time has found something")] = Field(
        default=0, description="New tries after a failure."
    )
