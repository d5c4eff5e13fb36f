"""Commands of the user's own around a switch, on the machine that runs the program."""

from typing import Annotated

from pydantic import Field

from components.settings.base import Settings, Why
from components.settings.smoke import Seconds
from components.settings.values import Arguments


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
