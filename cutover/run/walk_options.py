"""What the command line asks of the walk of a canary, judged as a whole before anything is touched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cutover.run.bake_options import BakeOptions, Problem

WHOLE = 100
EXAMPLE = "--steps 1,5,25,50,100"


@dataclass(frozen=True)
class WalkOptions:
    """The steps of a walk as they were written, what is watched after each, and the step to pause at. `beside` are
    options that were given with it and are of something else.
    """

    steps: str
    bake: BakeOptions
    pause_at: int | None = None
    beside: Sequence[str] = ()

    @property
    def weights(self) -> tuple[int, ...]:
        """The weights in percent; 100 is the cutover. Raises ValueError."""
        return tuple(_whole(one.strip()) for one in self.steps.split(","))

    def problems(self) -> Iterator[Problem]:
        """What is wrong, one by one, each with what mends it."""
        yield from self._of_steps()
        if self.beside:
            yield f"--steps stands with {', '.join(self.beside)}, which are not of a walk", "leave them out"
        if not self.bake.seconds:
            yield "--steps without --bake would give each share at once, whatever comes of it", "add --bake 5m"
        yield from self.bake.problems()

    def _of_steps(self) -> Iterator[Problem]:
        try:
            weights = self.weights
        except ValueError:
            yield f"--steps {self.steps!r} is no list of whole numbers", f"write it as {EXAMPLE}"
            return
        if wrong := [weight for weight in weights if not 0 < weight <= WHOLE]:
            found = ", ".join(map(str, wrong))
            yield f"--steps: {found} is no share that a step can give (1 to 100 %)", f"write it as {EXAMPLE}"
        if list(weights) != sorted(set(weights)):
            yield f"--steps {self.steps} does not rise with each step", f"write it as {EXAMPLE}"
        if self.pause_at is not None and self.pause_at not in weights:
            yield f"--pause-at {self.pause_at} is none of the steps {self.steps}", "name one of the steps"
        elif self.pause_at == WHOLE:
            yield "--pause-at 100 is the cutover: there is nothing behind it to pause before", "leave it out"


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):  # int() takes `1_0`, too
        raise ValueError(text)
    return int(text)


def listed(weights: Sequence[int]) -> str:
    """Steps as they are written on the command line: `50,100`."""
    return ",".join(map(str, weights))
