"""A group that a run left split: no verb reads one color out of two, and going back at once never splits one."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cutover.engine.records import Update
from cutover.errors import DriftFound, GateRefused
from cutover.observe import ColorStatus, ServiceStatus
from cutover.operations.command.run import Run
from cutover.operations.plan import plan
from cutover.operations.promote.promotable import waiting
from cutover.operations.release import abort
from cutover.operations.rollback import at_once, rollback
from cutover.operations.traffic import switch
from cutover.operations.traffic.switch import Switch
from cutover.operations.up import change
from cutover.options import Options
from cutover.output.report import Report

TEXT = """\
config:
  cutover:namespace: shop
  cutover:groups:
    all: {active: green, services: [api, web]}
  cutover:services:
    api:
      strategy: blue-green
      blue: {version: 1.2.0, build: 1, image: 'api:1.2.0'}
      green: {version: 1.3.0, build: 1, image: 'api:1.3.0'}
    web:
      strategy: blue-green
      blue: {version: 1.2.0, build: 1, image: 'web:1.2.0'}
      green: {version: 1.3.0, build: 1, image: 'web:1.3.0'}
"""
OLD, NEW = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
BLUE = ColorStatus("blue", "1.2.0 build 1", "1-2-0-b1", "live", 2, 2, created=OLD)
GREEN = ColorStatus("green", "1.3.0 build 1", "1-3-0-b1", "live", 2, 2, created=NEW)


def seen(name: str, live: str, role: str = "standby", ready: int = 2) -> ServiceStatus:
    """A member on one color; the other one has a `role`, and so many ready pods."""
    colors = {one.color: one for one in (BLUE, GREEN)}
    colors |= {k: replace(v, role=role, ready=ready) for k, v in colors.items() if k != live}  # type: ignore[arg-type]
    return ServiceStatus(name, "blue-green", "green", live, colors[live].revision, True, colors, group="all")


KILLED = {"api": seen("api", "green"), "web": seen("web", "blue", "preview")}
"""A promotion was killed between two switches."""


EARLIER = {
    name: {"active": "green", "green": {"version": "1.1.0", "build": 1, "image": f"{name}:1.1.0"}}
    for name in ("api", "web")
}
"""What an earlier update had."""


class Job:
    """A run on the file, and what it changed: `edits` of the file, `moved` at once."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, text: str = TEXT) -> None:
        path = folder / "Pulumi.dev.yaml"
        path.write_text(text)
        self.status = KILLED
        self.edits: list[dict[Any, Any]] = []
        self.moved: list[tuple[str, str | None]] = []
        self.said: list[str] = []
        self.run = Run("rollback", path, Options(yes=True), Report())
        self.run.__dict__["history"] = [Update(1, "update", "succeeded", OLD, OLD, "", {}, EARLIER, {}, {})]
        self.run.expect_engine = lambda: None  # type: ignore[method-assign]
        self.run.report.say = lambda text, *_: self.said.append(text)  # type: ignore[method-assign]
        self.run.live = lambda: self.run.remember(self.status)  # type: ignore[method-assign]
        for module in (rollback, abort, change):
            monkeypatch.setattr(module, "change", lambda _, wanted, *__: self.edits.append(dict(wanted)))
        monkeypatch.setattr("cutover.operations.traffic.notes.note", lambda *_: None)
        monkeypatch.setattr(at_once, "access_of", lambda _: None)
        monkeypatch.setattr(at_once, "look", lambda *_: self.status)
        monkeypatch.setattr(at_once, "switch_now", self._switch)
        monkeypatch.setattr(at_once, "Api", _Closed)

    def _switch(self, _: Any, __: Any, service: Any, color: str | None, *___: Any) -> Switch:
        now = self.status[service.name]
        there = switch.target_of(now, color)
        self.moved.append((service.name, color))
        self.status = {**self.status, service.name: replace(now, live_color=there.color)}
        return Switch(service.name, str(now.live_color), there.color, there.revision, there.ready, moved=True)


class _Closed:
    def __init__(self, _: Any) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    return Job(tmp_path, monkeypatch)


@pytest.mark.parametrize("named", [["all"], ["web"], []])
def test_neither_rollback_nor_abort_reads_one_color_out_of_two(job: Job, named: list[str]) -> None:
    verbs = (partial(rollback.rollback, to=None), abort.abort)
    for verb in verbs:
        with pytest.raises(DriftFound) as refused:
            verb(job.run, named, everyone=False)
        assert "all is split: api is on green, web on blue" in refused.value.what
        assert "`cutover up` takes all of it to green, as Pulumi.dev.yaml says" in refused.value.fix
        assert "`active: blue` in cutover:groups.all first" in refused.value.fix
    assert job.edits == []


def test_at_once_takes_a_split_group_back_to_the_color_that_all_of_it_served_from(job: Job) -> None:
    done = at_once.at_once(job.run, ["all"], everyone=False)
    assert job.moved == [("api", "blue")]
    assert job.edits == [{("cutover:groups", "all", "active"): "blue"}]
    assert "rolled back api to blue 1.2.0 build 1" in done.lines
    assert any("all is split: api is on green, web on blue" in line for line in job.said)


@pytest.mark.parametrize(
    "status",
    [
        {"api": seen("api", "green", ready=0), "web": seen("web", "blue", "preview")},
        {"api": seen("api", "green", "preview"), "web": seen("web", "blue", "preview")},
    ],
)
def test_at_once_refuses_a_split_group_that_has_no_such_color(job: Job, status: dict[str, ServiceStatus]) -> None:
    job.status = status
    with pytest.raises(DriftFound, match="all is split"):
        at_once.at_once(job.run, ["all"], everyone=False)
    assert (job.moved, job.edits) == ([], [])


def test_a_rollback_that_was_broken_off_is_carried_on_and_not_turned_round(job: Job) -> None:
    """Both colors served in all members; the way to green goes forward, to the release that is left."""
    job.status = {"api": seen("api", "blue"), "web": seen("web", "green")}
    at_once.at_once(job.run, ["all"], everyone=False)
    assert job.moved == [("web", "blue")]


@pytest.mark.parametrize(("last", "why"), [({"ready": 0}, "no ready pod"), ({"role": "preview"}, "never took the tr")])
def test_at_once_moves_no_member_where_another_cannot_follow(job: Job, last: dict[str, Any], why: str) -> None:
    job.status = {"api": seen("api", "green"), "web": seen("web", "green", **last)}
    with pytest.raises(GateRefused, match=f"web: .*{why}") as refused:
        at_once.at_once(job.run, ["all"], everyone=False)
    assert (job.moved, job.edits) == ([], [])
    assert "traffic stays where it was" in refused.value.what
    if "ready" in last:  # a worker has no pods that stand by: its `up` brings them up, and moves all
        assert refused.value.fix == "without --now, `cutover rollback all` brings 1.2.0 build 1 up first"
        rollback.rollback(job.run, ["all"], False, None)
        assert job.edits == [{("cutover:groups", "all", "active"): "blue"}]


def test_the_rest_of_a_group_goes_along_with_what_has_moved(job: Job) -> None:
    job.run.moved["api"] = "blue"
    assert "`cutover up` takes web along" in at_once._instead(job.run, seen("web", "green", ready=0))


@pytest.mark.parametrize("names", [["api", "web"], ["web", "api"]])
def test_a_promotion_of_a_split_group_goes_where_the_release_waits_in_any_order(job: Job, names: list[str]) -> None:
    """Ctrl-C has put the file back to blue."""
    job.run.file.path.write_text(TEXT.replace("active: green", "active: blue"))
    views = Run("promote", job.run.file.path, Options(), Report()).view.services
    assert waiting([views[name] for name in names], KILLED)[0] == {"api": "green", "web": "green"}


def test_a_plan_for_a_group_that_is_named_all_is_not_one_for_everything(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.run.file.path.write_text(TEXT + "    own: {strategy: blue-green, active: blue}\n")
    planned: list[list[str]] = []

    def waits(chosen: list[Any], _: Any) -> tuple[dict[str, str], list[str]]:
        planned.append([one.name for one in chosen])
        return {}, []

    monkeypatch.setattr(plan, "waiting", waits)
    monkeypatch.setattr(plan, "preview", lambda *_: None)
    run = Run("plan", job.run.file.path, Options(), Report())
    plan._promoted(run, ["all"], dict(KILLED))
    assert planned == [["api", "web"]]
