"""The unmodified Automation API against the command line, each command in a process of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto
from pulumi.automation import errors

OpenStack = Callable[..., auto.Stack]


@pytest.fixture
def workspace(executable: Path, project: Path, tmp_path: Path) -> auto.LocalWorkspace:
    return auto.LocalWorkspace(
        work_dir=str(project),
        pulumi_home=str(tmp_path / "home"),
        env_vars={"PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}", "PULUMI_CONFIG_PASSPHRASE": ""},
        pulumi_command=auto.PulumiCommand(root=str(executable.parent.parent)),
    )


def test_stacks_are_created_selected_listed_and_removed(workspace: auto.LocalWorkspace) -> None:
    with pytest.raises(errors.StackNotFoundError):
        auto.Stack.select("dev", workspace)
    auto.Stack.create_or_select("dev", workspace)
    with pytest.raises(errors.StackAlreadyExistsError):
        auto.Stack.create("dev", workspace)
    assert [(stack.name, stack.current) for stack in workspace.list_stacks()] == [("dev", True)]
    assert workspace.who_am_i().url == workspace.env_vars["PULUMI_BACKEND_URL"]
    workspace.install_plugin("kubernetes", "v4.34.2")
    workspace.install()
    assert workspace.list_plugins() == []
    workspace.remove_stack("dev")
    assert workspace.list_stacks() == []


def test_configuration_through_every_verb(workspace: auto.LocalWorkspace) -> None:
    stack = auto.Stack.create("dev", workspace)
    stack.set_config("services.web.active", auto.ConfigValue("green"), path=True)
    stack.set_config("services.web.token", auto.ConfigValue("-s3cret", secret=True), path=True)
    stack.set_all_config({"plain": auto.ConfigValue("a=b"), "hidden": auto.ConfigValue("h", secret=True)})
    assert stack.get_config("services.web.active", path=True).value == "green"
    assert stack.get_config("services.web.token", path=True).value == "-s3cret"
    values = stack.get_all_config()
    assert values["shop:services"].value == '{"web":{"active":"green","token":"-s3cret"}}'
    assert values["shop:services"].secret
    assert (values["shop:hidden"].value, values["shop:hidden"].secret) == ("h", True)
    stack.remove_config("services.web.token", path=True)
    stack.remove_all_config(["plain", "hidden"])
    assert list(stack.get_all_config()) == ["shop:services"]


def test_a_stacks_life_with_events_over_grpc(workspace: auto.LocalWorkspace) -> None:
    stack = auto.Stack.create("dev", workspace)
    stack.set_config("token", auto.ConfigValue("swordfish", secret=True))
    assert stack.preview().change_summary == {auto.OpType.CREATE: 2}
    events: list[Any] = []
    result = stack.up(on_event=events.append, message="first")
    assert (result.outputs["secret"].value, result.outputs["secret"].secret) == ("swordfish", True)
    assert (result.summary.result, result.summary.message) == ("succeeded", "first")
    assert result.summary.environment["exec.kind"] == "auto.local"
    assert [event.sequence for event in events] == list(range(len(events)))
    assert events[-1].cancel_event is not None
    assert sum(event.resource_pre_event is not None for event in events) == 2
    assert stack.preview(expect_no_changes=True).change_summary == {auto.OpType.SAME: 2}
    assert stack.preview_refresh().change_summary == {auto.OpType.SAME: 2}
    exported = stack.export_stack()
    stack.destroy()
    stack.import_stack(exported)
    restored = stack.export_stack().deployment
    assert restored
    assert len(restored["resources"]) == 2
    assert [update.kind for update in stack.history()] == ["destroy", "update"]
    stack.destroy(remove=True)


def test_failures_have_their_own_exceptions(workspace: auto.LocalWorkspace, tmp_path: Path) -> None:
    stack = auto.Stack.create("dev", workspace)
    stack.set_config("fail", auto.ConfigValue("failed with an unhandled exception"))
    with pytest.raises(errors.RuntimeError, match="it was told to fail"):
        stack.up()
    lock = tmp_path / "state/.pulumi/locks/organization/shop/dev/other.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text('{"pid": 1, "username": "ada", "hostname": "box", "timestamp": "2026-01-01T00:00:00Z"}')
    with pytest.raises(errors.ConcurrentUpdateError, match="created by ada@box"):
        stack.up()
    stack.cancel()
    assert not lock.exists()


def test_what_is_not_built_is_a_plain_error(workspace: auto.LocalWorkspace) -> None:
    stack = auto.Stack.create("dev", workspace)
    with pytest.raises(errors.CommandError, match="--target is not built into the sandbox's engine"):
        stack.up(target=["urn:pulumi:dev::shop::a:b:c::d"])
    with pytest.raises(errors.CommandError, match="unknown command `pulumi stack tag`"):
        stack.set_tag("team", "web")
