"""The last step: two canaries of 10 % through a real gateway, by `cutover promote --steps`. One goes back by itself,
one goes through.
"""

import re
import time

from demo import story, traffic
from demo.project import Outcome, Project
from demo.stage import Stage
from demo.verdict import Played
from prober import Prober, Result
from sandbox.gateway import NAME, NAMESPACE, Address

BY_GATEWAY = f"{story.BLUE_GREEN} by the gateway"
RATE_PER_SECOND = 100.0
_HOLD_SECONDS = 2.0
_FIRST_ANSWER_SECONDS = 30.0
_BAKE = {"bad": "20s", "good": "5s"}  # the bad one's ends with the first wrong answer: one in ten of its looks meets it
# What is shown of what the driver says.
_TOLD = re.compile(r"seen in|going back to|went back|at 10 %|is live|requests failed|passed, next")


class Canary:
    """The step. `result` is the account of the traffic through the gateway, once it was played."""

    def __init__(self, stage: Stage, project: Project, gateway: Address, releases: story.Releases) -> None:
        self.result: Result | None = None
        self._stage, self._project, self._url, self._releases = stage, project, gateway.gateway_api, releases

    def perform(self, played: Played) -> None:
        """A route and a bad release, which a walk sends back; the same one mended, which another walk makes live."""
        stage, releases = self._stage, self._releases
        if not stage.succeed(played, story.canary(releases, self._url, NAME, NAMESPACE)):
            return
        if not traffic.wait_for_answers(self._url, _FIRST_ANSWER_SECONDS):
            played.problems.append(f"the gateway's {self._url} did not answer within {_FIRST_ANSWER_SECONDS:.0f} s")
            return
        stage.say(f"from here on {RATE_PER_SECOND:.0f} requests a second go through the gateway ({self._url}), too")
        with Prober(self._url, rate_per_second=RATE_PER_SECOND) as prober:
            prober.mark("bad")
            self._goes_back(played)
            if not played.problems and self._mended(played):
                prober.mark("good")
                self._goes_through(played)
            prober.mark("over")
            time.sleep(_HOLD_SECONDS)
            prober.mark("end")
            self.result = prober.stop()
        self._judge(played, self.result)

    def _goes_back(self, played: Played) -> None:
        done = self._walk(_BAKE["bad"])
        if done.exit_code != 1 or "went back to 0 %" not in done.output:
            self._wrong(played, done, "the canary that answers wrongly did not go back by itself")
            return
        played.refused = _told(done.output, "going back to").removeprefix("error: ")
        self._stage.say(f"  exit code {done.exit_code}, as it should be", style="yellow")

    def _mended(self, played: Played) -> bool:
        stage, path = self._stage, f"services.{story.BLUE_GREEN}.green.env"
        stage.say(f"$ {self._project.unset(path).command}", style="cyan")
        return stage.succeed(played, {f"services.{story.BLUE_GREEN}.green.build": "2"})

    def _goes_through(self, played: Played) -> None:
        done = self._walk(_BAKE["good"])
        if done.exit_code != 0:
            self._wrong(played, done, "the mended canary did not go through")

    def _walk(self, bake: str) -> Outcome:
        words = ["promote", story.BLUE_GREEN, "--steps", "10,100", "--bake", bake, "--interval", "0.1s", "--yes"]
        words += ["--load", f"{self._url}/version", "--load-rate", "50", "--probe-url", f"{self._url}/healthz"]
        self._stage.say(f"$ cutover {' '.join(words)}", style="cyan")
        done = self._project.drive(*words)
        for line in done.output.splitlines():
            if _TOLD.search(line):
                self._stage.say(f"  {line}", style="dim")
        return done

    def _wrong(self, played: Played, done: Outcome, what: str) -> None:
        played.problems.append(f"{what}: exit code {done.exit_code}")
        self._stage.say(done.output.strip()[-3000:], style="red")

    def _judge(self, played: Played, result: Result) -> None:
        traffic.check_rate({BY_GATEWAY: result})
        played.count(BY_GATEWAY, result)
        if played.problems:
            return
        third = self._releases.third
        if third not in result.between("bad", "good").versions:
            played.problems.append(f"the canary that went back had no share of {BY_GATEWAY}")
        after = set(result.between("over", "end").versions)
        if after != {third}:
            played.problems.append(f"{BY_GATEWAY} answered as {', '.join(sorted(after)) or 'nobody'} once it was over")


def _told(output: str, word: str) -> str:
    """The first line with that word, without the time before it."""
    return next((line.partition("Z ")[2] or line for line in output.splitlines() if word in line), "")
