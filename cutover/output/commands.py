"""The commands in a text, so that they can be typed as they stand where a project has several stacks.

A `cutover` without `--stack` would ask which one is meant; a `pulumi` without it takes the one that is selected, which
need not be the one that was worked on.
"""

import re

_COMMAND = re.compile(r"`((?:cutover|pulumi) [^`]+)`")
NO_STACK = ("cutover init", "cutover schema", "pulumi login", "pulumi stack init")
"""What takes no `--stack`, or names the stack itself."""


def for_stack(text: str, stack: str) -> str:
    """The text, with the stack named in each of its commands that names none."""
    return _COMMAND.sub(lambda found: f"`{_named(found[1], stack)}`", text)


def _named(command: str, stack: str) -> str:
    if "--stack" in command.split() or command.startswith(NO_STACK):
        return command
    return f"{command} --stack {stack}"
