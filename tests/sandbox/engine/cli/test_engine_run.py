"""up, preview, refresh and destroy around a deployment core that does as it is told."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine.backend.version import VERSION
from sandbox.engine.model import Operation, Outcome
from tests.sandbox.engine.cli.conftest import Pulumi


@pytest.fixture(autouse=True)
def stack(pulumi: Pulumi) -> None:
    assert pulumi("stack", "init", "dev", passphrase="right").code == 0


def state(project: Path) -> Path:
    return project.parent / "state" / ".pulumi"


def test_up_says_first_what_it_is_and_ends_with_counts(pulumi: Pulumi) -> None:
    result = pulumi("up", "--yes", "--skip-preview")
    lines = result.out.splitlines()
    assert result.code == 0
    assert lines[0].startswith(f"cutover sandbox engine {VERSION}: a stand-in")
    assert lines[1] == "Updating (dev):"
    assert "    + 2 created" in lines
    assert any(line.startswith("Duration: ") for line in lines)


def test_yes_without_skip_preview_previews_first(pulumi: Pulumi) -> None:
    out = pulumi("up", "-y").out
    assert out.index("Previewing update (dev):") < out.index("Updating (dev):")
    assert "+ 2 to create" in out


def test_off_a_terminal_up_needs_a_yes(pulumi: Pulumi) -> None:
    result = pulumi("up")
    assert result.code == 2
    assert "--yes or --skip-preview or --preview-only must be passed in" in result.err


def test_preview_shows_a_tree_and_changes_nothing(pulumi: Pulumi, project: Path) -> None:
    before = (state(project) / "stacks" / "shop" / "dev.json").read_bytes()
    result = pulumi("preview")
    assert result.code == 0
    assert "  └─ kubernetes:core/v1:ConfigMap" in result.out.replace("+   └─", "  └─")
    assert "+ 2 to create" in result.out
    assert (state(project) / "stacks" / "shop" / "dev.json").read_bytes() == before
    assert not (state(project) / "history").exists()


def test_preview_names_the_properties_that_change(pulumi: Pulumi) -> None:
    pulumi("up", "-yf")
    pulumi("config", "set", "active", "green")
    out = pulumi("preview", "--diff").out
    assert "[diff: ~data]" in out
    assert '~ active: "blue" => "green"' in out


def test_preview_json_is_json_and_nothing_else(pulumi: Pulumi) -> None:
    result = pulumi("preview", "--json")
    digest = json.loads(result.out)
    assert VERSION in result.err
    assert digest["changeSummary"] == {"create": 2}
    assert [step["op"] for step in digest["steps"]] == ["create", "create"]
    assert digest["steps"][1]["newState"]["inputs"]["token"] == "[secret]"


def test_up_json_is_a_line_per_event(pulumi: Pulumi) -> None:
    events = [json.loads(line) for line in pulumi("up", "-yf", "--json").out.splitlines()]
    assert [event["sequence"] for event in events] == list(range(len(events)))
    assert "preludeEvent" in events[0]
    assert events[-2]["summaryEvent"]["result"] == "succeeded"
    assert "cancelEvent" in events[-1]


def test_secrets_are_masked_everywhere(pulumi: Pulumi, project: Path) -> None:
    pulumi("config", "set", "--secret", "token", "swordfish")
    shown = [
        pulumi("preview", "--json"),
        pulumi("up", "-y", "--diff"),
        pulumi("preview", "--show-sames"),
        pulumi("stack"),
        pulumi("stack", "output", "--json"),
        pulumi("stack", "history", "--json"),
        pulumi("stack", "export"),
        pulumi("config", "--json"),
    ]
    assert [result.code for result in shown] == [0] * len(shown)
    assert "swordfish" not in "".join(result.out + result.err for result in shown)
    sealed = "".join(path.read_text() for path in state(project).rglob("*") if path.is_file())
    assert "swordfish" not in sealed
    assert '"ciphertext":"v1:' in sealed


def test_messages_of_the_program_are_masked(pulumi: Pulumi) -> None:
    pulumi("config", "set", "--secret", "warn", "swordfish")
    result = pulumi("up", "-y")
    assert "warning: [secret]" in result.out
    assert "swordfish" not in result.out


def test_outputs_and_history_after_up(pulumi: Pulumi) -> None:
    pulumi("config", "set", "--path", "services.web.replicas", "3")
    pulumi("up", "-yf", "-m", "first")
    pulumi("up", "-yf")
    assert json.loads(pulumi("stack", "output", "--json").out) == {"active": "blue", "secret": "[secret]"}
    assert json.loads(pulumi("stack", "output", "--json", "--show-secrets").out)["secret"] == "hidden"
    assert pulumi("stack", "output", "active").out == "blue\n"
    newest, first = json.loads(pulumi("stack", "history", "--json").out)
    assert (first["kind"], first["message"], first["result"]) == ("update", "first", "succeeded")
    assert first["resourceChanges"] == {"create": 2}
    assert newest["resourceChanges"] == {"same": 2}
    assert first["config"]["shop:services"] == {
        "value": '{"web":{"replicas":3}}',
        "objectValue": {"web": {"replicas": 3}},
        "secret": False,
    }
    assert first["environment"]["exec.kind"] == "cli"


def test_a_failed_update_is_recorded_and_exits_with_1(pulumi: Pulumi) -> None:
    pulumi("config", "set", "fail", "gate closed")
    result = pulumi("up", "-yf")
    assert result.code == 1
    assert "error: it was told to fail: gate closed" in result.out
    assert "error: update failed" in result.out
    assert json.loads(pulumi("stack", "history", "--json").out)[0]["result"] == "failed"


def test_a_bug_in_the_core_is_a_failed_update_too(pulumi: Pulumi) -> None:
    pulumi("config", "set", "crash", "now")
    result = pulumi("up", "-yf")
    assert result.code == 1
    assert "ZeroDivisionError: the core has a bug" in result.out
    assert json.loads(pulumi("stack", "history", "--json").out)[0]["result"] == "failed"


@pytest.mark.parametrize("command", [["preview"], ["up", "-yf"]])
def test_unexpected_changes_exit_with_7(pulumi: Pulumi, command: list[str]) -> None:
    result = pulumi(*command, "--expect-no-changes")
    assert result.code == 7
    assert "no changes were expected" in result.err
    pulumi("up", "-yf")
    assert pulumi(*command, "--expect-no-changes").code == 0


def test_config_given_to_up_is_kept(pulumi: Pulumi) -> None:
    assert pulumi("up", "-yf", "-c", "active=green").code == 0
    assert pulumi("stack", "output", "active").out == "green\n"
    assert pulumi("config", "get", "active").out == "green\n"


@pytest.mark.parametrize(
    "flag", [["--target", "urn"], ["--replace=urn"], ["--policy-pack", "p"], ["--client=127.0.0.1:1"], ["--plan", "f"]]
)
def test_what_is_not_built_is_refused_and_not_ignored(pulumi: Pulumi, flag: list[str]) -> None:
    result = pulumi("up", "-yf", *flag)
    assert result.code == 2
    assert "is not built into the sandbox's engine" in result.err


def test_as_many_steps_at_once_as_the_pulumi_cli_does(pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch) -> None:
    core, asked = sys.modules["sandbox.engine.deploy"], []
    real = core.run

    def noting(op: Operation, *rest: Any, **more: Any) -> Outcome:
        asked.append(op.parallel)
        outcome: Outcome = real(op, *rest, **more)
        return outcome

    monkeypatch.setattr(core, "run", noting)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5})
    for environment, words in ((None, []), ("7", []), ("0", []), ("many", []), ("7", ["--parallel", "5"])):
        if environment is not None:
            monkeypatch.setenv("PULUMI_PARALLEL", environment)
        assert pulumi("up", "-yf", *words).code == 0
    assert asked == [12, 7, 12, 12, 5]


def test_refresh_then_destroy_and_remove(pulumi: Pulumi, project: Path) -> None:
    pulumi("up", "-yf")
    assert "2 unchanged" in pulumi("refresh", "-yf").out
    assert "- 2 to delete" in pulumi("destroy", "--preview-only").out
    result = pulumi("destroy", "-yf", "--remove")
    assert result.code == 0
    assert "- 2 deleted" in result.out
    assert not (state(project) / "stacks" / "shop" / "dev.json").exists()
    assert not (project / "Pulumi.dev.yaml").exists()


def test_missing_configuration_is_named(pulumi: Pulumi, project: Path) -> None:
    (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  region: {type: string}\n  size: 3\n")
    result = pulumi("preview")
    assert result.code == 1
    assert "Stack 'dev' is missing configuration value 'region'" in result.err
    pulumi("config", "set", "region", "north")
    assert pulumi("preview").code == 0


def test_event_log_file_ends_with_cancel(pulumi: Pulumi, project: Path) -> None:
    pulumi("up", "-yf", "--event-log", "events.jsonl")
    events = [json.loads(line) for line in (project / "events.jsonl").read_text().splitlines()]
    assert [next(key for key in event if key.endswith("Event")) for event in events][-2:] == [
        "summaryEvent",
        "cancelEvent",
    ]
