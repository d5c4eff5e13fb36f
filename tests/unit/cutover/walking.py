"""A walk of a canary over a played cluster, engine and bake."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract.refusal import Refusal
from cutover.engine.records import Outcome
from cutover.errors import DriverError
from cutover.measure import Verdict
from cutover.observe.records import Role, ServiceStatus
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.canary import canary, walk
from cutover.operations.canary.walk_options import WalkOptions
from cutover.operations.command.run import Run
from cutover.operations.promote import promotion
from cutover.operations.up import change
from cutover.options import Options
from cutover.output.report import Report
from cutover.output.result import Result
from tests.unit.cutover.test_observe_routes import backends, route, shop
from tests.unit.cutover.test_promote_weight import TEXT

GREEN_TEXT = TEXT.replace("active: blue\n      blue:", "active: green\n      blue:")
BAKE = BakeOptions(60.0, 1.0, True, (), None, (), 0)
GOOD = Verdict(passed=True, reason="", seconds=60.0)
BAD = Verdict(passed=False, reason="errors failed after 2.0 s: 0.2, wanted < 0.01", seconds=2.0)
BLIND = Verdict(passed=False, reason="probe shop-green could not be measured", seconds=2.0, blind=True)


class Played:
    """A cluster that has what the last `up` gave it, and an engine and bakes that go as they are told: `ups` and
    `bakes` hold what happens by the weight at that moment (100 is the cutover).
    """

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.done: list[tuple[str, int]] = []
        self.ups: dict[int, Exception] = {}
        self.bakes: dict[int, Verdict | Exception] = {}
        self.told: list[dict[str, Any]] = []
        self.notes: list[tuple[str, str]] = []
        self.weight = 0
        self.refusal: Refusal | None = None
        self.ready = True
        self.loads: list[Any] = []
        self.past_the_engine: DriverError | None = None
        self.hand: Callable[[], object] = lambda: None
        monkeypatch.setattr(walk, "take_back", self._take_back)
        monkeypatch.setattr(walk, "access_of", lambda _: None)
        monkeypatch.setattr(walk, "Api", lambda _: nullcontext())
        path.write_text(TEXT)
        monkeypatch.setattr(change, "check_removals", lambda *_: None)
        monkeypatch.setattr(canary, "GATEWAY_SECONDS", 0)
        monkeypatch.setattr(walk, "rehearse", lambda _job, before, _asked: self.done.append(("rehearse", len(before))))
        monkeypatch.setattr(promotion, "switch_back", lambda *_: None)
        for module in (walk, promotion):
            monkeypatch.setattr(module, "note", self._note)
            monkeypatch.setattr(module, "watch", self._watch)
            monkeypatch.setattr(
                "cutover.operations.bake.bake.dead", lambda *_, **__: "" if self.ready else "no pod of green is ready"
            )
        monkeypatch.setattr(walk, "tell", self._tell)

    @property
    def seen(self) -> ServiceStatus:
        """The cluster, as `status` has it."""
        if self.weight == 100:
            found = shop(route(backends(0, 100)), noted="shop-blue 0, shop-green 100", weight=0)
            roles: dict[str, Role] = {"blue": "standby", "green": "live"}
            colors = {name: replace(color, role=roles[name]) for name, color in found.colors.items()}
            return replace(found, live_color="green", active_color="green", colors=colors)
        noted = f"shop-blue {100 - self.weight}, shop-green {self.weight}"
        found = shop(route(backends(100 - self.weight, self.weight)), noted=noted, weight=self.in_file % 100)
        return replace(found, refusal=self.refusal)

    @property
    def in_file(self) -> int:
        """The weight that the file says; 100 where green is active."""
        text = self.path.read_text()
        found = re.search(r"weight: (\d+)", text)
        return 100 if "active: green" in text else int(found[1]) if found else 0

    def under(self, load: object, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have each walk go under a load, whose parts are among what was done."""

        def run(_: Run, work: Any) -> Result:
            self.done.append(("load", 0))
            made: Result = work()
            return made

        traffic = SimpleNamespace(
            load=load,
            run=run,
            gives=lambda weight: self.done.append(("to", weight)),
            goes_back=lambda: self.done.append(("back", 0)),
        )
        monkeypatch.setattr(WalkOptions, "traffic", lambda _: traffic)

    def go(
        self, steps: str = "5,25,100", *, pause_at: int | None = None, again: bool = False, **options: Any
    ) -> Result:
        self.job = Run("promote", self.path, Options(yes=True, **options), Report())
        self.job.__dict__["engine"] = SimpleNamespace(up=self._up, stop=lambda: None)
        self.job.live = lambda: self.job.remember({"shop": self.seen})  # type: ignore[method-assign]
        return walk.walk(self.job, ["shop"], WalkOptions(steps, BAKE, pause_at), again=again)

    def results(self) -> list[tuple[int, str]]:
        """What came of each step, by the document."""
        return [(step["weight"], step["result"]) for step in self.job.details.to_json()["steps"]]

    def _up(self, _: str) -> Outcome:
        wanted = self.in_file
        self.done.append(("up", wanted))
        if error := self.ups.pop(wanted, None):
            raise error
        self.weight = wanted
        return Outcome({"update": 1}, ())

    def _watch(self, _job: Run, switched: Any, _asked: Any, load: Any = None, *, canary: int = 0) -> Verdict:
        self.loads.append(load)
        assert switched == {"shop": "green"}
        assert canary == self.weight % 100
        self.done.append(("watch", self.weight))
        self.hand()
        found = self.bakes.pop(self.weight, GOOD)
        if isinstance(found, Exception):
            raise found
        return found

    def _take_back(self, _api: Any, _view: Any, service: Any) -> bool:
        assert service.name == "shop"
        if self.past_the_engine:
            raise self.past_the_engine
        moved = self.weight > 0
        self.weight = 0
        self.done.append(("past the engine", 0))
        return moved

    def _note(self, _job: Run, kind: str, _services: Any, colors: Any, why: str) -> None:
        assert colors["shop"] == "green"
        self.notes.append((kind, why.splitlines()[0]))

    def _tell(self, urls: Any, result: Result, _report: Any) -> None:
        self.told.append({"urls": list(urls), **result.to_json()})


def pairs(*weights: int) -> list[tuple[str, int]]:
    return [(what, weight) for weight in weights for what in ("up", "watch")]
