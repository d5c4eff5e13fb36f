"""What a stack's file says after a run that failed, for every answer of the cluster; and numbers of the history."""

import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pulumi import automation as auto

from cutover.engine import stack as engine_stack
from cutover.engine.records import SERVICE, Step
from cutover.engine.stack import Stack
from cutover.errors import ClusterUnreachable, DriverError, GateRefused, Interrupted
from cutover.operations.command.run import Run
from cutover.operations.up.change import settled
from cutover.options import Options
from cutover.output.report import Report

TEXT = """\
config:
  cutover:groups: {pair: {active: blue, services: [api, web]}}
  cutover:services:
    shop: {active: blue} # one
    cart: {active: blue} # two
    api: {port: 80}
    web: {port: 80}
"""
SWITCHING = {"shop": "green", "cart": "green", "api": "green", "web": "green"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(TEXT)
    return Run("promote", path, Options(), Report())


def fail(run: Run, live: Mapping[str, str] | None, *, error: BaseException, services: tuple[str, ...]) -> DriverError:
    """Promote services, end with an error; `live` is what the cluster says then, None where it says nothing."""

    def look() -> Any:
        if live is None:
            raise ClusterUnreachable("no answer")
        return {name: SimpleNamespace(live_color=live.get(name, "blue")) for name in SWITCHING}

    run.live = look  # type: ignore[method-assign]
    run.before = dict.fromkeys(services, "blue")
    switching = {name: SWITCHING[name] for name in services}
    wanted = {run.view.services[name].active_path: "green" for name in services}
    run.file.set(wanted)
    with pytest.raises(DriverError) as raised, settled(run, wanted, switching, "promote"):
        raise error
    return raised.value


def green(*names: str) -> str:
    text = TEXT
    for name in names:
        text = text.replace(f"{name}: {{active: blue", f"{name}: {{active: green")
    return text


def test_nothing_was_switched(run: Run) -> None:
    error = fail(run, {}, error=GateRefused("not ready"), services=("shop", "cart"))
    assert (error.exit_code, run.file.path.read_text()) == (3, TEXT)
    assert error.what.endswith("shop: blue is live, cart: blue is live; Pulumi.dev.yaml is as it was")


def test_a_pulumi_up_that_is_named_would_find_the_file_as_it_was(run: Run) -> None:
    error = fail(run, {}, error=DriverError("see what holds it; `pulumi up` goes on"), services=("shop",))
    assert "Pulumi.dev.yaml is as it was; a `pulumi up` that is named here needs the edit again" in error.what
    error = fail(run, {"shop": "green"}, error=DriverError("`pulumi up` goes on"), services=("shop",))
    assert "needs the edit" not in error.what


def test_who_was_refused_is_told_what_would_not_be_refused_again(run: Run) -> None:
    error = fail(run, {"cart": "green"}, error=GateRefused("not ready"), services=("shop", "cart"))
    assert error.fix == (
        "`cutover release shop --stack dev` with a build of its own puts a mended release there; "
        "`cutover abort shop --stack dev` gives it up"
    )
    assert "cutover up" not in str(error)


def test_one_of_two_was_switched(run: Run) -> None:
    error = fail(run, {"cart": "green"}, error=DriverError("broke"), services=("shop", "cart"))
    assert run.file.path.read_text() == green("cart")
    assert str(error).endswith("shop: blue is live, cart: green is live; Pulumi.dev.yaml says so")


def test_all_were_switched_when_it_was_stopped_at_once(run: Run) -> None:
    error = fail(run, {"shop": "green"}, error=KeyboardInterrupt(), services=("shop",))
    assert isinstance(error, Interrupted)
    assert run.file.path.read_text() == green("shop")


HALF = "Pulumi.dev.yaml has blue for all of pair; the next `up` moves api there"


@pytest.mark.parametrize(
    ("live", "services", "after", "says"),
    [
        (("api", "web"), ("api", "web"), green("pair"), "Pulumi.dev.yaml says so"),
        (("api",), ("api", "web"), TEXT, HALF),
        (("api", "shop"), ("shop", "api", "web"), green("shop"), f"Pulumi.dev.yaml says so of shop; {HALF}"),
    ],
    ids=["whole", "half", "half, beside another"],
)
def test_a_group_counts_as_switched_only_as_a_whole(
    run: Run, live: tuple[str, ...], services: tuple[str, ...], after: str, says: str
) -> None:
    error = fail(run, dict.fromkeys(live, "green"), error=DriverError("broke"), services=services)
    assert run.file.path.read_text() == after
    told = ", ".join(f"{name}: {'green' if name in live else 'blue'} is live" for name in services)
    assert str(error) == f"broke\n{told}; {says}"


@pytest.mark.parametrize(
    ("moments", "after"),
    [((), TEXT), (("begins",), green("shop")), (("begins", "done"), green("shop")), (("begins", "failed"), TEXT)],
)
def test_without_the_cluster_the_engines_events_decide(run: Run, moments: tuple[Any, ...], after: str) -> None:
    run.steps = [Step(moment, "update", SERVICE, "urn::shop") for moment in moments]
    fail(run, None, error=DriverError("lost"), services=("shop",))
    assert run.file.path.read_text() == after


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), ValueError("no such event"), TypeError("items is None")]
)
def test_what_nobody_foresaw_leaves_the_truth_too(run: Run, error: Exception) -> None:
    ended = fail(run, {"cart": "green"}, error=error, services=("shop", "cart"))
    assert (ended.exit_code, run.file.path.read_text()) == (1, green("cart"))
    assert str(ended).startswith(f"the command broke off: {type(error).__name__}: ")
    assert "shop: blue is live, cart: green is live" in str(ended)


@pytest.mark.parametrize("answer", [ValueError("<html>"), TypeError("'NoneType' is not iterable"), OSError("gone")])
def test_an_answer_that_is_none_does_not_keep_the_file_from_being_settled(run: Run, answer: Exception) -> None:
    def look() -> Any:
        raise answer

    run.live = look  # type: ignore[method-assign]
    run.before = {"shop": "blue"}
    wanted = {run.view.services["shop"].active_path: "green"}
    run.file.set(wanted)
    with pytest.raises(DriverError) as raised, settled(run, wanted, {"shop": "green"}, "promote"):
        raise GateRefused("shop\n    Refused before the switch: traffic stays where it was.")
    assert run.file.path.read_text() == TEXT
    assert "stays" not in str(raised.value)
    assert "what is live is not known" in str(raised.value)


def test_a_refusal_says_nothing_of_traffic_that_is_not_so(run: Run) -> None:
    said = "shop-blue: 1 of 2 pods ready\n    Refused before the switch: traffic stays where it was."
    moved = fail(run, {"shop": "green"}, error=GateRefused(said), services=("shop",))
    assert (moved.exit_code, run.file.path.read_text()) == (1, green("shop"))
    assert "stays where it was" not in str(moved)
    assert "shop: green is live; Pulumi.dev.yaml says so" in str(moved)


def test_a_second_signal_does_not_break_off_the_work_on_the_file(run: Run) -> None:
    run.listen()
    with run.sheltered():
        for number in (signal.SIGHUP, signal.SIGQUIT):
            signal.raise_signal(number)
    with pytest.raises(Interrupted):
        run.check_stopping()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


def test_updates_are_numbered_over_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"kind": "update", "message": "", "environment": {}, "config": {}, "result": "succeeded", "version": 0}
    entries = [auto.UpdateSummary(start_time=datetime(2026, 11, 21), **cast(Any, entry)) for _ in range(7)]  # noqa: DTZ001

    def history(size: int, page: int, *, show_secrets: bool) -> list[auto.UpdateSummary]:
        assert show_secrets is False
        return entries[(page - 1) * size : page * size]

    monkeypatch.setattr(engine_stack, "PAGE_SIZE", 3)
    made = Stack.__new__(Stack)
    made._stack = cast(Any, SimpleNamespace(history=history))
    assert [update.number for update in made.history()] == [7, 6, 5, 4, 3, 2, 1]
    assert {update.started for update in made.history()} == {datetime(2026, 11, 21, tzinfo=UTC)}
