"""The stage of the demo: the steps on a cluster with an engine, under traffic, and what was seen."""

import time
from collections.abc import Callable, Mapping

from rich.console import Console
from rich.status import Status

from demo import story, traffic, verdict
from demo.clusters import DemoCluster
from demo.project import Outcome, Project
from demo.verdict import Played
from prober import Result

# After each `up`: long enough to see that no answer comes from the old release any more.
HOLD_SECONDS = 2.0
_LEAVERS_SECONDS = 60.0
_FIRST_ANSWER_SECONDS = 20.0
_TICK_SECONDS = 0.2


class Stage:
    """One performance. `played` holds the steps so far."""

    def __init__(
        self, console: Console, status: Status, cluster: DemoCluster, project: Project, sent: traffic.Traffic
    ) -> None:
        self.played: list[Played] = []
        self._console = console
        self._status = status
        self._cluster = cluster
        self._project = project
        self._traffic = sent
        self._wants_traffic = cluster.has_traffic

    def play(self, step: story.Step, perform: Callable[[Played], None] | None = None) -> bool:
        """One step: edit, up, look; with `perform`, what that does. False where it went so wrong that the next makes no
        sense.
        """
        played = Played(step=step, number=len(self.played) + 1)
        self.played.append(played)
        self._console.print(f"\n[bold]{played.number}. {step.title}[/]", highlight=False)
        self._traffic.mark(played.mark(verdict.BEGIN))
        start = time.monotonic()
        (perform or self._by_the_engine)(played)
        played.seconds = time.monotonic() - start
        if played.problems:
            return False
        if step.rolling:
            self._wait_for_leavers(played)
        if not self._traffic.running and self._wants_traffic:
            self._begin_traffic(played)
        self._traffic.mark(played.mark(verdict.RETURNED))
        self._hold("seeing who answers now")
        self._traffic.mark(played.mark(verdict.END))
        return True

    def _by_the_engine(self, played: Played) -> None:
        step = played.step
        if step.undo is not None:
            self._be_refused(played)
        self.succeed(played, step.edits if step.undo is None else step.undo)

    def judge(self) -> dict[str, Result]:
        """Stop the traffic and check each step by it; gives the whole account by name of the Service."""
        results = self._traffic.stop()
        traffic.check_rate(results)
        before: Mapping[str, str] | None = None
        for played in self.played:
            if results and not played.problems:
                played.judge(results, before)
            before = played.step.serving
        return results

    def _up(self, edits: Mapping[str, str]) -> Outcome:
        for path, value in edits.items():
            self.say(f"$ {self._project.set(path, value).command}", style="cyan")
        self.say("$ pulumi up --yes", style="cyan")
        outcome = self._project.up()
        if outcome.exit_code == 0:
            self.say(f"  {', '.join(verdict.changes(outcome.output))}", style="dim")
        return outcome

    def succeed(self, played: Played, edits: Mapping[str, str]) -> bool:
        """Edits and an `up`, which has no reason to fail; whether it did not."""
        outcome = self._up(edits)
        if outcome.exit_code != 0:
            played.problems.append(f"`{outcome.command}` ended with exit code {outcome.exit_code}")
            self.say(outcome.output.strip()[-3000:], style="red")
        elif played.step.one_update and not verdict.updated_one(outcome.output):
            done = ", ".join(verdict.changes(outcome.output))
            played.problems.append(f"more than the live Service was changed: {done}")
        return not played.problems

    def _be_refused(self, played: Played) -> None:
        """The `up` must fail for a reason of the gates, and must not have changed the live Service."""
        spec = self._cluster.service_spec(story.BLUE_GREEN)
        outcome = self._up(played.step.edits)
        played.refused = verdict.reason(outcome.output)
        if outcome.exit_code == 0:
            played.problems.append("`pulumi up` let the broken release through")
        elif not played.refused:
            played.problems.append(f"`pulumi up` ended with exit code {outcome.exit_code}, but for no reason of a gate")
            self.say(outcome.output.strip()[-3000:], style="red")
        else:
            self.say(f"  exit code {outcome.exit_code}, as it should be:", style="yellow")
            self.say("  " + played.refused.replace("\n", "\n  "), style="yellow")
        if self._cluster.service_spec(story.BLUE_GREEN) != spec:
            played.problems.append("the live Service was changed, although the gate refused")

    def _wait_for_leavers(self, played: Played) -> None:
        self._status.update("waiting for the last old pods to finish what they serve")
        if not self._cluster.wait_for_leavers(_LEAVERS_SECONDS):
            played.problems.append(f"old pods were still stopping {_LEAVERS_SECONDS:.0f} s after `pulumi up`")

    def _begin_traffic(self, played: Played) -> None:
        urls = {service: self._cluster.address(service) for service in story.SERVICES}
        for service, url in urls.items():
            self._status.update(f"waiting for {service} to answer at {url}")
            if not traffic.wait_for_answers(url, _FIRST_ANSWER_SECONDS):
                self._no_traffic(played, service, url)
                return
        self._cluster.flush()
        self._traffic.start(urls)
        where = " and ".join(f"{service} ({url})" for service, url in urls.items())
        rate = traffic.RATE_PER_SECOND
        self.say(f"from here on {rate:.0f} requests a second go to {where}: GET and POST, new and kept connections")
        self._traffic.mark(played.mark(verdict.BEGIN))

    def _no_traffic(self, played: Played, service: str, url: str) -> None:
        if self._cluster.context is None:
            played.problems.append(f"{service} did not answer at {url} within {_FIRST_ANSWER_SECONDS:.0f} s")
            return
        self._wants_traffic = False
        self.say(
            f"{service} cannot be reached from this machine at {url}: the demo goes on WITHOUT traffic, so it shows "
            "what the gates do and nothing about dropped requests.",
            style="yellow",
        )

    def _hold(self, why: str) -> None:
        end = time.monotonic() + (HOLD_SECONDS if self._traffic.running else 0)
        while time.monotonic() < end:
            self._status.update(f"{why}  [dim]{self._traffic.progress}[/]")
            time.sleep(_TICK_SECONDS)

    def say(self, line: str, style: str = "") -> None:
        """A line for the reader, as it is."""
        self._console.print(line, style=style, markup=False, highlight=False)
