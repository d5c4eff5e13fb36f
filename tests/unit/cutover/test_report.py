"""What people and pipelines see."""

import io
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cutover import verbs
from cutover.engine.records import Step
from cutover.errors import GateRefused, Interrupted
from cutover.operations.plan.planned import service_plan
from cutover.output.details import DETAILS, Plan, Promote, Rollback
from cutover.output.report import Report
from cutover.output.result import Result, failure
from cutover.output.steps import limit_seconds, line_of, switch_of
from cutover.stackfile.view import parse_view
from tests.unit.cutover.objects import blue_green, view

URN = "urn:pulumi:dev::cutover::cutover:index:BlueGreenService${}::{}"
COMPONENT = "urn:pulumi:dev::cutover::cutover:index:BlueGreenService::{}"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_come_only_on_change_and_with_utc_times() -> None:
    stream = io.StringIO()
    with Report(stream=stream) as report:
        for text in ("one", "one", "two", "one"):
            report.say(text)
        report.wait("gate", 30)
        report.wait("gate", 30)
    lines = stream.getvalue().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["one", "two", "one", "gate (at most 30 s)"]
    assert all(re.match(r"\d\d:\d\d:\d\dZ ", line) for line in lines)


def test_json_is_one_document_on_stdout_and_progress_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with Report(as_json=True) as report:
        report.say("working")
        report.finish(Result("promote", "dev", 0, True, ("done",), details=Promote(switched={"shop": "green"})))
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["result"], document["exitCode"], document["switched"]) == ("succeeded", 0, {"shop": "green"})
    assert "working" in err


def test_a_number_that_json_lacks_is_text_in_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    samples = [{"value": math.inf}, {"value": -math.inf}, {"value": math.nan}, {"value": 1.5}]
    with Report(as_json=True) as report:
        report.finish(Result("promote", "dev", 0, True, ("done",), details=Promote(steps=samples)))
    document = json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert [sample["value"] for sample in document["steps"]] == ["+Inf", "-Inf", "NaN", 1.5]


def test_several_waits_at_once_show_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    with Report(stream=stream) as report:
        report.wait("creating a Service", key="a")
        report.wait("creating a Deployment", 60, key="b")
        assert report._waiting() == "creating a Deployment (0 of at most 60 s), and 1 more"
        report.done("b")
        assert report._waiting() == "creating a Service (0 s)"
        report.done("a")
        assert report._status is None


@pytest.mark.parametrize("no_color", [True, False])
def test_a_terminal_gets_color_unless_told_not_to(monkeypatch: pytest.MonkeyPatch, no_color: bool) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    with Report(stream=stream) as report:
        report.say("it broke", "error")
    assert "error: it broke" in stream.getvalue()
    assert ("\x1b[31m" in stream.getvalue()) is not no_color


def test_the_words_of_a_result() -> None:
    assert Result("up", "dev", 0, False, ()).word == "nothing-to-do"
    assert Result("plan", "dev", 0, False, (), plain=True).word == "succeeded"
    refused = failure("promote", "dev", GateRefused("no", "mend it"), changed=False)
    assert (refused.word, refused.exit_code, refused.to_json()["fix"]) == ("refused", 3, "mend it")
    assert failure("up", "dev", Interrupted("stopped"), changed=True).word == "interrupted"


def service(name: str, old: dict[str, str], new: dict[str, str], role: str = "live", of: str = "shop") -> Step:
    meta = {"labels": {"app.kubernetes.io/component": role}}
    before, after = ({"metadata": meta, "spec": {"selector": selector}} for selector in (old, new))
    kind = "kubernetes:core/v1:Service"
    return Step("begins", "update", kind, URN.format(kind, name), old=before, new=after, parent=COMPONENT.format(of))


def selector(color: str, revision: str) -> dict[str, str]:
    return {"cutover.dev/color": color, "cutover.dev/revision": revision}


def test_a_switch_from_what_was_adopted_and_back() -> None:
    theirs, green = {"app": "web"}, selector("green", "2") | {"app.kubernetes.io/instance": "shop"}
    assert switch_of(service("shop", theirs, green)) == "what was adopted -> green 2"
    assert switch_of(service("shop", green, theirs)) == "green 2 -> what was adopted"
    assert switch_of(service("shop-green", theirs, green, "preview")) is None, "a color's own Service"
    rolling = {"app.kubernetes.io/instance": "shop", "app.kubernetes.io/managed-by": "pulumi"}
    assert switch_of(service("shop", theirs, rolling)) == "what was adopted -> a release of its own"
    kind = "kubernetes:apps/v1:Deployment"
    assert line_of(Step("done", "import", kind, URN.format(kind, "web"))) == "imported Deployment web"


def test_a_step_is_of_the_component_above_it_whatever_the_names() -> None:
    api = service("shop-api", selector("blue", "1"), selector("green", "2"), of="shop-api")
    assert api.service == "shop-api"
    stack = view(shop=blue_green(), **{"shop-api": blue_green()})
    plans = [service_plan(one, None, [api]).to_json() for one in stack.services.values()]
    assert [plan["switch"] for plan in plans] == [None, "blue 1 -> green 2"]
    assert replace(api, parent=COMPONENT.format("x").replace("BlueGreenService", "SideBySide")).service == "shop-api"


def test_steps_in_words_and_their_limits() -> None:
    view = parse_view({"config": {"cutover:services": {"shop": {"gate_timeout_seconds": 9}}}}, Path("x"))
    switch = service("shop", selector("blue", "1"), selector("green", "2"))
    assert switch_of(switch) == "blue 1 -> green 2"
    assert line_of(switch) == "shop: gates, then the switch blue 1 -> green 2"
    assert limit_seconds(switch, view) == 9
    own = service("shop-green", selector("green", "1"), selector("green", "2"), "preview")
    assert switch_of(own) is None
    assert line_of(own) == "updating Service shop-green"
    noted = [{"metadata": {"annotations": {"cutover.dev/serves": text}}} for text in ("blue/1", "green/2")]
    by_label = Step("begins", "update", switch.type, switch.urn, old=noted[0], new=noted[1])
    assert switch_of(by_label) == "blue 1 -> green 2"
    to_labels = Step("begins", "update", switch.type, switch.urn, old=switch.old, new=noted[0])
    assert switch_of(to_labels) is None, "the same release serves"
    kind = "kubernetes:apps/v1:Deployment"
    made = Step("failed", "create-replacement", kind, URN.format(kind, "shop-green-2"))
    assert line_of(made) == "creating failed: Deployment shop-green-2"
    assert line_of(Step("begins", "same", kind, URN.format(kind, "shop-green-2"))) is None
    assert line_of(Step("says", urn=URN.format(kind, "shop"), text="shop: draining blue")) == "shop: draining blue"
    assert line_of(Step("says", urn=URN.format(kind, "shop"), text="Skipping await logic")) is None
    unready = "[MinimumReplicasUnavailable] Deployment does not have minimum availability."
    assert line_of(Step("warns", urn=URN.format(kind, "shop"), text=unready)) is None, "each deployment begins so"


def test_a_verb_adds_what_it_said_and_no_other_key() -> None:
    assert Rollback(before={"shop": "green"}, switch_seconds=0.1).to_json() == {
        "before": {"shop": "green"},
        "switchSeconds": 0.1,
    }
    assert Plan(cluster_known=False, services=[]).to_json() == {"services": [], "clusterKnown": False}


def test_each_verb_that_has_a_document_has_a_record() -> None:
    shown = [path.read_text() for path in (Path(verbs.__file__).parent).glob("*.py")]
    performed = {found for text in shown for found in re.findall(r'perform\("(\w+)"', text)}
    assert performed == DETAILS.keys()
