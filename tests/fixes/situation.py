"""A situation in which commands are printed, the places that print them there, and the tests that run them in it."""

from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """A command in the words of a function; `{}` is a part that varies, `(module)` a constant of the module."""

    file: str
    function: str
    command: str


@dataclass(frozen=True)
class Situation:
    """`when` is what was so, and why one execution stands for all places. `listed` has a line with each file, and below
    it, indented, one for each `function: command`.
    """

    when: str
    tests: tuple[str, ...]
    listed: str

    @property
    def places(self) -> list[Place]:
        """The places that are listed."""
        found: list[Place] = []
        file = ""
        lines = [line for line in self.listed.splitlines() if line.strip()]
        margin = min(len(line) - len(line.lstrip()) for line in lines)
        for line in (one[margin:] for one in lines):
            if line.startswith(" "):
                function, _, command = line.strip().partition(": ")
                found.append(Place(file, function, command))
            else:
                file = line
        return found
