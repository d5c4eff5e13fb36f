"""The walk of a canary: each weight is an edit, an `up` and a watch; the last one is the cutover.

The state is the stack's file: a walk that was killed, stopped or paused goes on from the weight that is there. That
step is watched again, as nothing tells whether it was watched to its end.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from contract.refusal import Kind
from contract.releases import other
from cutover.errors import DriverError, GateRefused, Interrupted, UsageError
from cutover.measure import Verdict
from cutover.observe import Api, access_of
from cutover.operations.bake.bake import WITHOUT_PROBE, BakeBlind, BakeFailed, judged, rehearse, watch
from cutover.operations.canary.canary import give, settled, shares_now, step_of
from cutover.operations.canary.members import askable, sharing, walkable
from cutover.operations.canary.walk_options import WHOLE, WalkOptions, listed
from cutover.operations.command.run import Run
from cutover.operations.command.tell import tell
from cutover.operations.promote.promotable import waiting
from cutover.operations.promote.promotion import cut_over
from cutover.operations.traffic.both_now import narrow
from cutover.operations.traffic.notes import note
from cutover.operations.traffic.pods_now import detach
from cutover.operations.traffic.route_now import take_back
from cutover.operations.up.missing import with_live_services
from cutover.operations.up.truth import without_claim
from cutover.output.details import Promote
from cutover.output.result import Result
from cutover.stackfile import ServiceView
from cutover.strategies.releases import describe

if TYPE_CHECKING:
    from cutover.measure.load import Load
    from cutover.operations.bake.load import UnderLoad

Json = dict[str, Any]

AGAINST_THE_RELEASE = frozenset(
    f"gate.{what}" for what in ("not_ready", "never_ready", "mixed_images", "smoke_failed", "verify_failed")
)
"""Codes of refusals that are of the release itself, so that it keeps no share either."""


def walk(run: Run, names: Sequence[str], asked: WalkOptions, *, again: bool = False) -> Result:
    """Walk the steps. Raises UsageError before anything is touched; BakeFailed, BakeBlind, GateRefused, Interrupted
    and what an `up` ends with, each with what is true in the cluster then.
    """
    members = walkable(run.view, names, asked)
    name, service = members[0].unit, sharing(members)[-1]
    status = with_live_services(run, [one.name for one in members])
    targets, lines = waiting(members, status, again=again)
    run.note(service=name, before=service.weight, steps=[])
    if not targets:
        return Result("promote", run.stack, 0, False, tuple(lines), details=run.details)
    color = targets[service.name]
    there = {service.active, *(status[one.name].live_color for one in members)}
    cutting_over = color in there  # by a run that was killed in its last step
    todo = [one for one in asked.weights if one == WHOLE or (one >= service.weight and not cutting_over)]
    steps: list[Json] = [{"weight": one, "result": "skipped"} for one in asked.weights if one not in todo]
    run.note(steps=steps)
    if not todo and cutting_over:
        raise UsageError(
            f"{name}: the cutover to {color} has begun, and the steps end below it", f"`cutover promote {name}` ends it"
        )
    if not todo:
        done = f"{name}: {color} has {service.weight} % of its users already, which no step goes beyond"
        return Result("promote", run.stack, 0, False, (done,), details=run.details)
    rehearse(run, dict.fromkeys(askable(members), other(color)), asked.bake)
    each = f"watched for {asked.bake.seconds:g} s each"
    what = ", ".join(describe(one.colors.get(color)) for one in members)
    run.confirm(f"{name}: {color} {what} by the steps {listed(todo)} %, {each}")
    traffic = asked.traffic()
    made = _Walk(run, members, color, asked, traffic, steps)
    return traffic.run(run, lambda: made.go(todo)) if traffic else made.go(todo)


class _Walk:
    """One walk of a service, or of the members of a group. `steps` are what came of each; it is the list in the job's
    document, and grows.
    """

    def __init__(
        self,
        run: Run,
        members: Sequence[ServiceView],
        color: str,
        asked: WalkOptions,
        traffic: "UnderLoad | None",
        steps: list[Json],
    ) -> None:
        self._run, self._color, self._asked, self._traffic = run, color, asked, traffic
        self._name, self._names = members[0].unit, [one.name for one in members]
        self._targets = dict.fromkeys(self._names, color)
        self._watched = dict.fromkeys(askable(members), color)
        self._steps = steps
        self._lines: list[str] = []

    @property
    def _shared(self) -> list[ServiceView]:
        return sharing(self._run.view.services[name] for name in self._names)

    @property
    def _service(self) -> ServiceView:
        """The one that users come by: of a group the last that has a share, as those that are called come before."""
        return self._shared[-1]

    def go(self, todo: Sequence[int]) -> Result:
        """Take one step after the other, until one ends the command."""
        left = list(todo)
        while True:
            weight, *rest = left
            begun = time.monotonic()
            self._steps.append({"weight": weight, "result": "failed"})
            if self._traffic:
                self._traffic.gives(weight)
            try:
                if weight == WHOLE:
                    return self._end()
                self._step(weight)
            except DriverError as error:
                raise self._ended(error, left) from error.__cause__
            finally:
                self._steps[-1]["seconds"] = round(time.monotonic() - begun, 2)
                if isinstance(said := self._run.details, Promote) and said.bake:  # the cutover's, which is a step here
                    self._steps[-1]["bake"] = said.bake
                    self._run.note(bake=None)
            if weight == self._asked.pause_at or not rest:
                return self._stays(weight, rest)
            self._tell(weight, rest)
            left = rest

    def _step(self, weight: int) -> None:
        """Give the weight, where the route has it not yet, and watch. Raises BakeFailed, BakeBlind."""
        run, service = self._run, self._service
        done = [settled(run, one) for one in self._shared] if weight == service.weight else []
        if done and all(done):
            for line in filter(None, done):
                run.report.say(line)
        else:
            what = self._step_of(weight)
            run.report.say(what)
            give(run, service, weight, what)
        load = self._traffic.load if self._traffic else None
        verdict = watch(run, self._watched, self._asked.bake, load, canary=weight)
        run.report.done_waiting()
        if load and (limit := self._asked.compare) and verdict.passed:
            verdict = self._compare(load, weight, limit, verdict)
        verdict = judged(run, self._watched, verdict, canary=True)
        self._steps[-1] |= {"result": "passed" if verdict.passed else "failed", "bake": verdict.to_json()}
        if verdict.blind:
            why = "nothing was sent back: that is no answer of the release, which keeps its share"
            raise BakeBlind(f"{verdict.reason}\n{why}", WITHOUT_PROBE)
        if not verdict.passed:
            self._failed(verdict)
        self._lines += [f"{weight} % watched for {verdict.seconds:.0f} s:", *(f"  {one}" for one in verdict.summaries)]

    def _compare(self, load: "Load", weight: int, limit: float, verdict: Verdict) -> Verdict:
        from cutover.measure.account import at_share
        from cutover.operations.canary.compared import compared

        verdict, found = compared(self._run, self._service, self._color, load, at_share(weight), limit, verdict)
        if found:
            self._steps[-1]["compare"] = found.to_json()
        return verdict

    def _end(self) -> Result:
        """The cutover, by the code of every promotion."""
        self._run.note(switched=self._targets)
        done = cut_over(self._run, self._targets, self._asked.bake, self._traffic)
        self._steps[-1]["result"] = "passed"
        return Result("promote", self._run.stack, 0, True, (*self._lines, *done.lines), details=self._run.details)

    def _failed(self, verdict: Verdict) -> NoReturn:
        self._run.report.say(f"{verdict.reason}; going back to 0 %", "error")
        self._go_back("reverted", verdict.reason)
        raise BakeFailed(
            f"{verdict.reason}\nwent back to 0 %, as {self._run.file.path.name} says",
            f"look at the release on its own color's Service; {self._mended} puts a mended one there",
        )

    @property
    def _mended(self) -> str:
        return " and ".join(f"`cutover release {name}`" for name in self._names)

    def _step_of(self, weight: int) -> str:
        return "; ".join(step_of(one, weight) for one in self._shared)

    def _ended(self, error: DriverError, left: Sequence[int]) -> DriverError:
        """The error of a step, with what is so in the cluster then."""
        if isinstance(error, Interrupted):
            self._steps[-1]["result"] = "interrupted"
            error.fix = f"{self._further(left)} goes on from there; {self._back_words}"
        elif isinstance(error, GateRefused):
            self._steps[-1]["result"] = "refused"
            if self._of_the_release(error) and self._service.weight:
                error = self._refused(error)
        error.what = "\n".join([error.what, *self._shares_now()])
        return error

    def _shares_now(self) -> list[str]:
        return [shares_now(self._run, one.name) for one in self._shared]

    def _of_the_release(self, refused: GateRefused) -> bool:
        """Whether a gate refused this very release; the same `up` may be about others, too."""
        ours = tuple(text for name in self._names for text in (f"{name}:", f"{name}-{self._color}"))
        return refused.code in AGAINST_THE_RELEASE and any(
            line.strip().startswith(ours) for line in refused.what.splitlines()
        )

    def _refused(self, refused: GateRefused) -> DriverError:
        """Take the share too that a release has, once a gate has refused it. The refusal, or that this failed."""
        weight = self._service.weight
        refused.what = "\n".join(filter(None, map(without_claim, refused.what.splitlines())))
        self._run.report.say(f"{self._name}: refused at {self._steps[-1]['weight']} %; going back to 0 %", "error")
        try:
            self._go_back("refused", refused.what)
        except BakeFailed as failed:
            return failed
        refused.what = f"{refused.what}\nit had {weight} %, and went back to 0 %"
        return refused

    def _go_back(self, kind: Kind, reason: str) -> None:
        """Take the share away, and note why. Raises BakeFailed where that does not go through as it should."""
        run, service, of = self._run, self._service, self._targets
        if self._traffic:
            self._traffic.goes_back()
        try:
            give(run, service, 0, f"{self._step_of(0)}: {reason}".splitlines()[0][:200])
        except DriverError as error:
            past = self._past_the_engine()
            note(run, kind, of, of, reason)
            what = f"{reason}\nnot gone back to 0 % by the file: {error.what}\n{past}".rstrip()
            raise BakeFailed(what, "; ".join(filter(None, (error.fix, self._back_words)))) from error
        note(run, kind, of, of, reason)

    def _past_the_engine(self) -> str:
        """Take the share away by the API server alone: no user waits for what keeps the engine or the file. What came
        of it, in words.
        """
        return "\n".join(filter(None, (self._past(one) for one in self._shared if one.weight)))

    def _past(self, service: ServiceView) -> str:
        run = self._run
        past = take_back if service.route else narrow if service.by_replicas else detach
        try:
            with Api(access_of(run.view)) as api:
                moved = past(api, run.view, service)
        except DriverError as error:
            return f"nor past it: {error.what}"
        run.changed = run.changed or moved
        then = f"the next `up` does again what {run.file.path.name} says of the canary"
        pods = f"the pods of {service.idle} were {'deselected' if service.by_replicas else 'detached'}"
        what = "the route was set back" if service.route else pods
        return f"{what} past it; {then}" if moved else ""

    def _stays(self, weight: int, rest: Sequence[int]) -> Result:
        """The canary stays as it is, and this command ends."""
        run = self._run
        self._steps[-1]["result"] = "paused" if rest else "passed"
        todo = f"{self._further(rest)} goes on" if rest else f"`cutover promote {self._name}` makes it the cutover"
        lines = [f"paused at {weight} %" if rest else f"{weight} % is the last step", *self._shares_now(), todo]
        return Result(
            "promote", run.stack, 0, run.changed, (*self._lines, *lines, self._back_words), details=run.details
        )

    def _tell(self, weight: int, rest: Sequence[int]) -> None:
        """A step is done, and the next one comes."""
        run = self._run
        lines = (f"{self._name}: {weight} % passed, next {rest[0]} %",)
        run.report.say(lines[0], "ok")
        tell(
            run.options.notify or (),
            Result("promote", run.stack, 0, True, lines, details=run.details, under_way=True),
            run.report,
        )

    def _further(self, rest: Sequence[int]) -> str:
        name, seconds = self._name, f"{self._asked.bake.seconds:g}s"
        return (
            f"`cutover promote {name} --steps {listed(rest)} --bake {seconds}` with the other options of this command"
        )

    @property
    def _back_words(self) -> str:
        return f"`cutover promote {self._name} --weight 0` takes the canary back"
