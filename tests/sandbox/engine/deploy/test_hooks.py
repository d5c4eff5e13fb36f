"""Hooks: which run when, what a refusal leaves behind, and what they are told."""

import pytest

from sandbox.engine.model import SECRET, SIG
from tests.sandbox.engine.deploy.bench import Bench
from tests.sandbox.engine.deploy.fake_kube import FakeKube

PROGRAM = """
async def tell(args):
    old = (args.old_inputs or {}).get("spec", {}).get("selector")
    new = (args.new_inputs or {}).get("spec", {}).get("selector")
    print("hook", config.get("at"), args.name, args.id, old, new, args.new_outputs is not None)
    if config.get("refuse"):
        raise Exception("endpoints are not ready")
at = config.get("at") or "before_update"
hook = ResourceHook("gate", tell, pulumi.ResourceHookOptions(
    on_dry_run=bool(config.get("dry")), ignore_errors=bool(config.get("ignore"))))
service("live", ResourceOptions(hooks=ResourceHookBinding(**{at: [hook]})), color=config.get("color") or "blue")
"""


def test_a_refusing_before_hook_leaves_the_object_untouched_and_the_next_run_goes_on(
    bench: Bench, kube: FakeKube
) -> None:
    bench.run(PROGRAM)
    version = kube.live("services", "live")
    refused = bench.run(config={"color": "green", "refuse": "1"})
    assert refused.outcome.errors == ['before hook "gate" failed: endpoints are not ready']
    assert refused.steps("resOpFailedEvent") == [("update", "live")]
    assert "KeyboardInterrupt" not in refused.said()
    assert kube.live("services", "live") == version
    assert refused.row("live")["inputs"]["spec"]["selector"] == {"color": "blue"}
    passed = bench.run(config={"color": "green"})
    assert passed.outcome.ok
    assert "hook None live default/live {'color': 'blue'} {'color': 'green'} False" in passed.said("info")


def test_a_refusing_after_hook_keeps_the_step_and_stops_the_run(bench: Bench, kube: FakeKube) -> None:
    bench.run(PROGRAM)
    program = PROGRAM.replace("service(", "live = service(", 1)
    program += 'config_map("next", ResourceOptions(depends_on=[live]))\n'
    failed = bench.run(program, config={"color": "green", "refuse": "1", "at": "after_update"})
    assert failed.outcome.errors == ['after hook "gate" failed: endpoints are not ready']
    assert failed.row("live")["inputs"]["spec"]["selector"] == {"color": "green"}
    assert kube.live("configmaps", "next") is None
    assert "True" in failed.said("info")
    assert bench.run(program, config={"color": "green"}).outcome.changes["create"] == 1


@pytest.mark.parametrize(("dry", "runs"), [("", False), ("1", True)])
def test_previews_run_only_hooks_that_ask_for_it(bench: Bench, dry: str, runs: bool) -> None:
    bench.run(PROGRAM)
    planned = bench.run(preview=True, config={"color": "green", "dry": dry, "refuse": "1"})
    assert planned.outcome.ok is not runs


def test_ignored_errors_warn(bench: Bench) -> None:
    bench.run(PROGRAM)
    warned = bench.run(config={"color": "green", "refuse": "1", "ignore": "1"})
    assert warned.outcome.ok
    assert 'BeforeUpdate hook "gate" failed: endpoints are not ready' in warned.said("warning")


def test_a_replacement_runs_create_hooks_of_the_new_and_delete_hooks_of_the_old(bench: Bench, kube: FakeKube) -> None:
    program = """
def hook(name):
    async def call(args):
        print(name, args.name, (args.new_inputs or args.old_inputs)["metadata"]["name"])
    return ResourceHook(name, call)
hooks = ResourceHookBinding(before_create=[hook("making")], before_update=[hook("updating")],
    before_delete=[hook("deleting")], after_delete=[hook("deleted")])
class Plain(pulumi.CustomResource): pass
Plain("kubernetes:core/v1:ConfigMap", "one",
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": config.get("name") or "one"}},
    ResourceOptions(hooks=hooks))
"""
    bench.run(program)
    assert bench.store.load().resources[-1]["resourceHooks"]["BeforeDelete"] == ["deleting"]
    moved = bench.run(config={"name": "two"})
    assert moved.outcome.changes == {"same": 1, "replace": 1}
    said = moved.said("info")
    assert "making one two" in said
    assert "updating" not in said
    assert said.index("deleting one one") < said.index("deleted one one")
    assert kube.live("configmaps", "one") is None

    plain = bench.run(kind="destroy", run_program=False)
    assert "--run-program" in plain.said("error")
    assert kube.live("configmaps", "two")
    full = bench.run(kind="destroy", config={"name": "two"})
    assert "deleting one two" in full.said("info")
    assert full.state.resources == []


def test_hooks_of_components_run_when_their_outputs_are_there(bench: Bench) -> None:
    said = bench.run(
        """
async def done(args):
    print("component", args.name, args.new_outputs["child"])
class Group(pulumi.ComponentResource):
    def __init__(self, name):
        hooks = ResourceHookBinding(after_create=[ResourceHook("done", done)])
        super().__init__("demo:index:Group", name, {"size": 2}, ResourceOptions(hooks=hooks))
        child = config_map("child", ResourceOptions(parent=self))
        self.register_outputs({"child": child.metadata["name"], "token": pulumi.Output.secret("hush-hush")})
Group("group")
"""
    )
    assert said.outcome.ok
    assert "component group child" in said.said("info")
    row = said.row("group")
    assert row["inputs"] == {"size": 2}
    assert row["outputs"]["token"] == {SIG: SECRET, "value": "hush-hush"}
    assert said.steps()[-1] == ("create", "demo-dev")
