"""The Jobs around a release: `before_cutover` prepares what it needs (a database is expanded), `after_cutover` clears
up once nothing of the old release answers any more (the database is contracted).
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from components.settings.base import Fault, Rule, Settings, Values, Why
from components.settings.values import Arguments, Count, Environment, Image, Positive


def _does_something_else(values: Values) -> Iterator[Fault]:
    """At least one of `image`, `command` and `args` must be given."""
    if values["image"] is None and values["command"] is None and values["args"] is None:
        yield Fault(
            ("args",),
            "neither image, command nor args is given",
            "the Job would start the application itself, which serves and never ends",
            "give the command of the step, for instance args: [migrate, expand]",
        )


class ReleaseJob(Settings):
    """A Job that runs once per release, with the environment of the release's own pods."""

    image: Annotated[Image | None, Why("a step of another image may not fit the code that it prepares for")] = Field(
        default=None, description="Image of the step, with a tag or digest; the release's own unless given."
    )
    command: Arguments | None = Field(default=None, description="Replaces the image's entrypoint.")
    args: Arguments | None = Field(default=None, description="Replaces the image's arguments.")
    env: Environment = Field(default={}, description="Environment variables of the step, over the release's own.")
    timeout_seconds: Annotated[Positive, Why("a step that waits for a lock would hold the release for ever")] = Field(
        default=600, description="Time for the whole Job, new tries included."
    )
    retries: Annotated[Count, Why("a step that is cut off and begun again must bear it")] = Field(
        default=0, description="New tries after a failure, within the same run."
    )

    rules = (Rule(("image", "command", "args"), _does_something_else),)
