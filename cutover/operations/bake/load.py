"""A verb's work under load: the URL answers well before anything is changed, and there is an account at the end."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from contract.codes import STAYS
from cutover.errors import DriverError, GateRefused, UsageError
from cutover.measure.account import BACK, UP, Account, to_share
from cutover.measure.load import HIGHEST_RATE, LONGEST_SECONDS, TIMEOUT_SECONDS, Load
from cutover.operations.command.run import Run
from cutover.output.result import Result
from prober import ProberError

DEFAULT_RATE = 20.0
LOWEST_RATE = 1.0  # slower than that nothing would be seen of a switch
FEWEST_ANSWERS = 3  # before anything is changed
LEAD_SECONDS = TAIL_SECONDS = 2.0  # of traffic before the work and after it
ROOM_SECONDS = 900.0  # of the load's longest time, for all that is not the bake


class LoadFailed(DriverError):  # noqa: N818  (named for what happened)
    """Requests failed while the verb did its work; what it did stays."""


@dataclass(frozen=True)
class UnderLoad:
    """The load that the command line asks for, not yet begun, and how many of its requests may fail."""

    load: Load
    failure_limit: int

    def run(self, run: Run, work: Callable[[], Result]) -> Result:
        """Do the work under load. Raises GateRefused where requests fail before it, LoadFailed where too many did.

        The account goes into the job's details, and to the lines of the result or of the error that ended the work.
        """
        try:
            with self.load:
                result, account = self._run(run, work)
        except ProberError as error:
            raise DriverError(f"{self.load.name} gave no account: {error}") from error
        lines = (*result.lines, *account.lines())
        if account.failed > self.failure_limit:
            limit = f" (--failure-limit {self.failure_limit})" if self.failure_limit else ""
            raise LoadFailed(
                "\n".join([f"{account.verdict} under load{limit}; what is live stays", *lines]),
                f"look at the failures' classes and moments; {self._way_back(run)}",
            )
        return replace(result, lines=lines)

    @staticmethod
    def _way_back(run: Run) -> str:
        if names := " ".join(run.details.to_json().get("switched") or {}):
            return f"`cutover rollback {names}` goes back, `--bake` does so by itself"
        return "`cutover status` says what is live"

    def gives(self, percent: int) -> None:
        """Begin the phase in which a canary gets its next share; 100 is the cutover."""
        self.load.begin(to_share(percent))

    def goes_back(self) -> None:
        """Begin the phase of the way back."""
        self.load.begin(BACK)

    def _run(self, run: Run, work: Callable[[], Result]) -> tuple[Result, Account]:
        self._lead(run)
        self.load.begin(UP)
        try:
            result = work()
        except DriverError as error:
            error.what = "\n".join([error.what, *self._account_lines(run)])
            raise
        time.sleep(TAIL_SECONDS)
        return result, self._account(run)

    def _lead(self, run: Run) -> None:
        """Wait for enough good answers, with nothing changed yet."""
        run.report.say(f"{self.load.name}: {self.load.rate_per_second:g} requests/s from now on")
        begun = time.monotonic()
        while True:
            run.check_stopping()
            seen, seconds = self.load.so_far(), time.monotonic() - begun
            silent = not seen.answered and seconds > TIMEOUT_SECONDS + LEAD_SECONDS
            if seen.failed > self.failure_limit or silent or not self.load.running:
                what = f"{seen.failed} of {seen.failed + seen.answered} requests failed before anything was changed"
                raise GateRefused(
                    f"{self.load.name}: {what}: {self.load.last_failure or 'no answer'}\n{STAYS}",
                    "the URL must answer below 400 from this machine before a release can be held to it: "
                    f"`curl -i {self.load.shown}`",
                )
            if seconds >= LEAD_SECONDS and seen.answered >= FEWEST_ANSWERS:
                return
            time.sleep(0.1)

    def _account(self, run: Run) -> Account:
        account = self.load.stop()
        run.note(load=account.to_json())
        return account

    def _account_lines(self, run: Run) -> Iterable[str]:
        try:
            return self._account(run).lines()
        except ProberError as error:  # what ended the work matters more
            return [f"{self.load.name} gave no account: {error}"]


def under_load(url: str | None, rate: float | None, failure_limit: int, bake_seconds: float) -> UnderLoad:
    """The load that `--load` and `--load-rate` ask for. Raises UsageError. Nothing is sent yet."""
    if url is None:
        raise UsageError("--load-rate needs a URL to send to", "--load URL")
    rate = DEFAULT_RATE if rate is None else rate
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise UsageError(f"--load-rate is {rate:g} requests/s", f"use {LOWEST_RATE:g} to {HIGHEST_RATE:g}")
    if bake_seconds > LONGEST_SECONDS - ROOM_SECONDS:
        raise UsageError(
            f"watching for {bake_seconds:g} s is too long for --load, which sends for {LONGEST_SECONDS:g} s at most",
            f"a shorter --bake: {LONGEST_SECONDS - ROOM_SECONDS:g} s in all, or less",
        )
    try:
        return UnderLoad(Load(url, rate), failure_limit)
    except ValueError as error:
        raise UsageError(f"--load: {error}", "name a URL of your own that this machine reaches") from None
