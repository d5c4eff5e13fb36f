"""`release --promote`: what is refused before anything is touched, the wait, and the promotion after it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.errors import GateRefused, Interrupted, UsageError
from cutover.operations.command.run import Run
from cutover.operations.promote import promote_after as module
from cutover.operations.promote.promote_after import PromoteOptions, promote_after
from cutover.options import Options
from cutover.output.report import Report
from cutover.output.result import Result
from cutover.stackfile.view import parse_view
from tests.unit.cutover.test_observe_routes import backends, route, shop
from tests.unit.cutover.test_promote_weight import TEXT

CONFIG: dict[str, Any] = {
    "cutover:services": {
        "shop": {"strategy": "blue-green", "active": "blue"},
        "api": {"strategy": "blue-green"},
        "worker": {"strategy": "rolling"},
    },
    "cutover:groups": {"pair": {"active": "blue", "services": ["api"]}},
}
NEW = {"version": "1.1.0", "build": 1, "image": "shop:1.1.0"}
VIEW = parse_view({"config": CONFIG}, Path("Pulumi.dev.yaml"))


@pytest.mark.parametrize(
    ("service", "asked", "says"),
    [
        ("shop", PromoteOptions(wanted=False, after_seconds=60, bake_seconds=0), "--after is of a promotion"),
        ("shop", PromoteOptions(wanted=False, after_seconds=0, bake_seconds=60), "--bake is of a promotion"),
        ("worker", PromoteOptions(wanted=True, after_seconds=0, bake_seconds=0), "worker is a rolling service"),
        ("api", PromoteOptions(wanted=True, after_seconds=0, bake_seconds=0), "api moves with its group pair"),
    ],
)
def test_what_cannot_be_is_refused_first(service: str, asked: PromoteOptions, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        asked.check(VIEW.services[service])
    assert says in refused.value.what


@pytest.mark.parametrize(("wanted", "bake"), [(False, 0), (True, 0), (True, 60)])
def test_all_else_may_be(wanted: bool, bake: float) -> None:
    PromoteOptions(wanted=wanted, after_seconds=0, bake_seconds=bake).check(VIEW.services["shop"])


REHEARSED = "secrets"  # a key of the document that a promotion leaves alone


def said(done: Result) -> dict[str, Any]:
    return done.details.to_json()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A release that is ready on green, and promotions that are only noted in `details`."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(TEXT)
    made = Run("release", path, Options(yes=True), Report())
    seconds = iter(range(1000))
    clock = SimpleNamespace(monotonic=lambda: next(seconds), sleep=lambda _: None)
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(module, "with_live_services", lambda *_: {"shop": shop(route(backends(100, 0)))})
    monkeypatch.setattr(module, "rehearse", lambda *_: made.note(secrets={}))

    def cut_over(_: Run, targets: Any, bake: Any) -> Result:
        return Result("promote", "dev", 0, True, (f"{targets}",), details=made.details, code="watched" if bake else "")

    monkeypatch.setattr(module, "cut_over", cut_over)
    return made


def test_it_waits_and_then_promotes_by_the_code_of_every_promotion(run: Run) -> None:
    done = promote_after(run, "shop", NEW, PromoteOptions(wanted=True, after_seconds=5, bake_seconds=0))
    assert (done.verb, said(done)["switched"], done.code) == ("release", {"shop": "green"}, "")
    assert said(done)["before"] == {"shop": "blue"}
    assert REHEARSED not in said(done)


def test_a_watch_is_rehearsed_before_the_switch(run: Run) -> None:
    done = promote_after(run, "shop", NEW, PromoteOptions(wanted=True, after_seconds=0, bake_seconds=60))
    assert (REHEARSED in said(done), done.code) == (True, "watched")


def test_a_stop_while_it_waits_leaves_a_preview_and_says_so(run: Run) -> None:
    run.stopping.set()
    with pytest.raises(Interrupted) as stopped:
        promote_after(run, "shop", NEW, PromoteOptions(wanted=True, after_seconds=5, bake_seconds=0))
    assert "traffic where it was" in stopped.value.what
    assert "`cutover promote shop`" in stopped.value.fix
    assert "switched" not in run.details.to_json()


def test_the_release_that_served_before_is_no_promotion_and_not_told_as_done(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "waiting", lambda *_: ({}, ["shop: blue is already live; nothing to do"]))
    asked = PromoteOptions(wanted=True, after_seconds=0, bake_seconds=0)
    with pytest.raises(GateRefused) as refused:
        promote_after(run, "shop", NEW, asked)
    assert refused.value.what == (
        "shop: blue is live with 1.0.0 build 1; 1.1.0 build 1 stands by, so this would go back\n"
        "Refused before the switch: traffic stays where it was."
    )
    assert refused.value.fix == "`cutover rollback shop` goes back to it"
    live = {"version": "1.0.0", "build": 1, "image": "shop:1.0.0"}
    assert promote_after(run, "shop", live, asked).lines == ("shop: blue is already live; nothing to do",)


def test_a_release_that_was_left_is_not_promoted_by_that(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def left(*_: Any) -> Any:
        raise GateRefused("shop: it was left", "promote --again")

    monkeypatch.setattr(module, "waiting", left)
    with pytest.raises(GateRefused):
        promote_after(run, "shop", NEW, PromoteOptions(wanted=True, after_seconds=0, bake_seconds=0))
