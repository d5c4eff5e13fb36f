"""A canary of a group in the driver: one key of the file, all members, one walk."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.engine.records import Outcome
from cutover.errors import UsageError
from cutover.measure import Verdict
from cutover.operations.bake.bake import BakeFailed
from cutover.operations.canary import canary, walk
from cutover.operations.canary.canary import refuse_beside, set_weight
from cutover.operations.canary.walk_options import WalkOptions
from cutover.operations.choice import without_canary
from cutover.operations.command.run import Run
from cutover.operations.promote import promotion
from cutover.operations.up import change
from cutover.options import Options
from cutover.output.report import Report
from cutover.stackfile.reader import read
from cutover.stackfile.view import parse_view
from tests.unit.cutover.test_observe_routes import backends, route, shop
from tests.unit.cutover.walking import BAD, BAKE, GOOD

TEXT = """\
config:
  cutover:groups:
    all:
      active: blue   # the one key
      services: [api, web, mailer]
  cutover:services:
    api:   # called by web
      strategy: blue-green
      port: 80
      blue: {version: 1.0.0, build: 1, image: 'api:1.0.0'}
      green: {version: 1.1.0, build: 1, image: 'api:1.1.0'}
    web:
      strategy: blue-green
      port: 80
      route: {parents: [{name: gw}]}
      blue: {version: 1.0.0, build: 1, image: 'web:1.0.0'}
      green: {version: 1.2.0, build: 1, image: 'web:1.2.0'}
    mailer:
      strategy: blue-green
      port: null
      blue: {version: 1.0.0, build: 1, image: 'mailer:1.0.0'}
      green: {version: 1.0.1, build: 1, image: 'mailer:1.0.1'}
"""
HEADER = "      color_header: x-color\n"
GROUP = ("cutover:groups", "all", "canary")
PLACE = "      services: [api, web, mailer]\n"


def with_canary(text: str = TEXT, weight: int = 10) -> str:
    return text.replace(PLACE, f"{PLACE}      canary:\n        weight: {weight}\n")


class Stack:
    """A job on the group's file, whose engine gives what the file says."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = folder / "Pulumi.dev.yaml"
        self.path.write_text(TEXT)
        self.done: list[tuple[str, Any]] = []
        self.verdicts: list[Verdict] = []
        self.weight = 0
        monkeypatch.setattr(change, "check_removals", lambda *_: None)
        monkeypatch.setattr(canary, "GATEWAY_SECONDS", 0)
        monkeypatch.setattr(walk, "rehearse", lambda _job, before, _asked: self.done.append(("rehearse", before)))
        for module in (walk, promotion):
            monkeypatch.setattr(module, "note", lambda _job, kind, *_: self.done.append(("note", kind)))
            monkeypatch.setattr(module, "watch", self._watch)

    def job(self) -> Run:
        made = Run("promote", self.path, Options(yes=True), Report())
        made.__dict__["engine"] = SimpleNamespace(up=self._up, stop=lambda: None)
        made.live = lambda: made.remember(self._seen())  # type: ignore[method-assign]
        return made

    def _seen(self) -> dict[str, Any]:
        weight = self.weight
        noted = f"shop-blue {100 - weight}, shop-green {weight}"
        plain = shop(route(backends(100, 0)), noted="shop-blue 100, shop-green 0", weight=0)
        web = shop(route(backends(100 - weight, weight)), noted=noted, weight=weight)
        return {"api": plain, "mailer": plain, "web": web}

    def _up(self, message: str) -> Outcome:
        view = parse_view_of(self.path)
        self.weight = view["web"].weight
        self.done.append(("up", {name: one.weight for name, one in view.items()}))
        return Outcome({"update": 1}, ())

    def _watch(self, _job: Run, switched: Any, _asked: Any, load: Any = None, *, canary: int = 0) -> Verdict:
        self.done.append(("watch", (dict(switched), canary)))
        return self.verdicts.pop(0) if self.verdicts else GOOD


def parse_view_of(path: Path) -> Any:
    return parse_view(read(path.read_bytes()), path).services


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    return Stack(tmp_path, monkeypatch)


def test_the_canary_of_a_group_is_that_of_each_member(stack: Stack) -> None:
    stack.path.write_text(with_canary(TEXT.replace(PLACE, PLACE + HEADER)))
    found = parse_view_of(stack.path)
    assert {name: (one.weight, one.canary_path, one.unit) for name, one in found.items()} == dict.fromkeys(
        ("api", "web", "mailer"), (10, GROUP, "all")
    )
    assert {name: one.beside_replicas for name, one in found.items()} == {"api": 2, "web": 2, "mailer": 0}
    assert {name: one.matches for name, one in found.items()} == {
        "api": (),
        "web": ("x-color: green",),  # in the route of its own
        "mailer": (),
    }
    assert list(without_canary(found.values())) == [GROUP]


@pytest.mark.parametrize("named", ["all", "web", "api"])
def test_a_weight_is_one_key_of_the_group_whichever_of_it_is_named(stack: Stack, named: str) -> None:
    done = set_weight(stack.job(), [named], 10)
    assert stack.path.read_text() == with_canary()
    assert stack.done == [("up", {"api": 10, "web": 10, "mailer": 10})]
    assert done.lines == ("web: green 1.2.0 build 1 from 0 to 10 % of its route",)
    assert done.details.to_json()["service"] == "all"
    set_weight(stack.job(), [named], 0)
    assert stack.path.read_text() == TEXT


def test_a_member_without_a_release_to_give_it_to_is_named(stack: Stack) -> None:
    stack.path.write_text(TEXT.replace("      green: {version: 1.1.0", "      #green: {version: 1.1.0"))
    with pytest.raises(UsageError, match="api: green has no release to give 10 % to"):
        set_weight(stack.job(), ["all"], 10)
    stack.path.write_text(TEXT.replace("      route:", "      #route:"))
    with pytest.raises(UsageError, match="no member of all has a route"):
        set_weight(stack.job(), ["all"], 10)


@pytest.mark.parametrize("named", ["api", "all"])
def test_a_rollback_beside_it_names_the_way_back_of_the_group(stack: Stack, named: str) -> None:
    stack.path.write_text(with_canary())
    with pytest.raises(UsageError) as refused:
        refuse_beside(stack.job().view, [named])
    assert refused.value.what == "api: green has 10 % of the route, and would be gone back to"
    assert "cutover promote all --weight 0" in refused.value.fix


CALLED = {"api": "green", "web": "green"}


def test_a_walk_takes_all_members_and_watches_those_that_can_be_asked(stack: Stack) -> None:
    done = walk.walk(stack.job(), ["all"], WalkOptions("10,50", BAKE))
    assert stack.done == [
        ("rehearse", {"api": "blue", "web": "blue"}),
        ("up", {"api": 10, "web": 10, "mailer": 10}),
        ("watch", (CALLED, 10)),
        ("up", {"api": 50, "web": 50, "mailer": 50}),
        ("watch", (CALLED, 50)),
    ]
    assert done.lines[-2:] == (
        "`cutover promote all` makes it the cutover",
        "`cutover promote all --weight 0` takes the canary back",
    )


def test_a_measurement_that_fails_takes_the_group_back(stack: Stack) -> None:
    stack.verdicts = [GOOD, BAD]
    with pytest.raises(BakeFailed) as failed:
        walk.walk(stack.job(), ["all"], WalkOptions("10,50", BAKE))
    assert stack.done[-2:] == [("up", {"api": 0, "web": 0, "mailer": 0}), ("note", "reverted")]
    assert stack.path.read_text() == TEXT
    assert "`cutover release api` and `cutover release web`" in str(failed.value)


def test_the_last_step_moves_the_group_and_ends_the_canary(stack: Stack) -> None:
    stack.path.write_text(with_canary())
    stack.weight = 10
    walk.walk(stack.job(), ["web"], WalkOptions("10,100", BAKE))
    assert stack.path.read_text() == TEXT.replace("active: blue   #", "active: green   #")
    assert ("watch", ({**CALLED, "mailer": "green"}, 0)) in stack.done
