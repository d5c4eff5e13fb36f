"""The options of the walk of a canary, judged as a whole before anything is touched."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.pod_shares import most
from cutover.errors import UsageError
from cutover.load_options import asked_load
from cutover.operations.bake.bake_options import BakeOptions, Problem

if TYPE_CHECKING:
    from cutover.operations.bake.load import UnderLoad
    from cutover.stackfile import ServiceView

WHOLE = 100
EXAMPLE = "--steps 1,5,25,50,100"


@dataclass(frozen=True)
class WalkOptions:
    """The options of a walk: its steps as they were written, the watch after each, the step to pause at.

    The URL gets steady traffic meanwhile, of the given rate. A canary may be so many times as slow as the other color.
    `beside` are options that were given with it and are of something else.
    """

    steps: str
    bake: BakeOptions
    pause_at: int | None = None
    beside: Sequence[str] = ()
    load: str | None = None
    load_rate: float | None = None
    compare: float | None = None

    @property
    def weights(self) -> tuple[int, ...]:
        """The weights in percent; 100 is the cutover. Raises ValueError."""
        return tuple(_whole(one.strip()) for one in self.steps.split(","))

    def traffic(self) -> "UnderLoad | None":
        """The load that is asked for, not yet begun. Raises UsageError, ValueError."""
        seconds = self.bake.seconds * len(self.weights)
        return asked_load(self.load, self.load_rate, self.bake.failure_limit, seconds)

    def problems(self) -> Iterator[Problem]:
        """The faults of the options, one by one, each with what mends it."""
        yield from self._of_steps()
        if self.beside:
            yield f"--steps stands with {', '.join(self.beside)}, which are not of a walk", "leave them out"
        if not self.bake.seconds:
            yield "--steps without --bake would give each share at once, whatever comes of it", "add --bake 5m"
        try:
            loaded = self.traffic() is not None
        except UsageError as error:
            yield error.what, error.fix
            loaded = True
        except ValueError:  # said of the steps
            loaded = self.load is not None
        yield from self.bake.problems(load=loaded)
        if self.compare is not None:
            yield from self._of_comparison(self.compare)

    def problems_of(self, service: "ServiceView") -> Iterator[Problem]:
        """The steps of a service with shares of pods that take more pods than there are."""
        if service.route is not None or list(self._of_steps()):
            return
        has = service.replicas if service.by_replicas else min(service.standby_replicas, service.replicas)
        if beyond := [one for one in self.weights if service.pods_of(one) > has]:
            takes = f"{beyond[0]} % takes {service.pods_of(beyond[0])} of {service.idle}'s pods"
            yield (
                f"--steps: {takes} beside {service.replicas} of {service.active}'s, and {service.idle} has {has}",
                f"no step between {most(has, service.replicas)} and {WHOLE} without a route (docs/canary.md)",
            )

    def _of_comparison(self, limit: float) -> Iterator[Problem]:
        from cutover.measure.compare import FEWEST
        from cutover.measure.load import KINDS
        from cutover.operations.bake.load import DEFAULT_RATE

        if not (math.isfinite(limit) and limit >= 1):
            yield f"--compare {limit:g} would fail a canary that is as fast as the other color", "--compare 1.25"
        if self.load is None:
            yield "--compare is of the answers of a load, and there is none", "add --load URL, or leave it out"
        if not self.load or not self.bake.seconds or list(self._of_steps()) or self.weights[0] == WHOLE:
            return
        first, rate = self.weights[0], self.load_rate or DEFAULT_RATE
        answers = rate * self.bake.seconds * first / 100 / KINDS
        if answers < FEWEST:
            enough = math.ceil(rate * FEWEST / answers)
            yield (
                f"--compare: at {first} % some {answers:.0f} answers of each kind of connection come in "
                f"{self.bake.seconds:g} s, and {FEWEST} are needed for a verdict",
                f"--load-rate {enough}, a longer --bake, or a greater first step",
            )

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
