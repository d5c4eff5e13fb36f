"""Steps of one resource and of several: create, same, update, replace both ways, delete; and what they save."""

from tests.sandbox.engine.deploy.bench import Bench
from tests.sandbox.engine.deploy.fake_kube import FakeKube

TWO = """
first = config_map("first", color=config.get("color") or "blue")
service("live", ResourceOptions(depends_on=[first]), app="shop", color=config.get("color") or "blue")
pulumi.export("name", first.metadata["name"])
"""


def test_a_life_from_create_to_destroy(bench: Bench, kube: FakeKube) -> None:
    made = bench.run(TWO)
    assert made.outcome.ok
    assert made.outcome.changes == {"create": 3}
    assert made.row("demo-dev")["outputs"] == {"name": "first"}
    assert made.row("live")["id"] == "default/live"
    assert made.row("live")["dependencies"] == [made.row("first")["urn"]]
    assert made.row("live")["outputs"]["__fieldManager"].startswith("pulumi-kubernetes-")

    again = bench.run()
    assert again.outcome.changes == {"same": 3}
    assert again.saves == 0
    calls = len(kube.calls)

    planned = bench.run(preview=True, config={"color": "green"})
    assert planned.outcome.changes == {"same": 1, "replace": 1, "update": 1}
    assert planned.saves == 0
    assert all("dryRun" in path for method, path in kube.calls[calls:] if method in ("POST", "PATCH"))
    assert all(event["resOutputsEvent"]["planning"] for event in planned.events if "resOutputsEvent" in event)

    changed = bench.run(config={"color": "green"})
    assert changed.outcome.ok
    # A ConfigMap's data cannot change in place, and its name is fixed: the old one goes first.
    assert changed.steps() == [
        ("delete-replaced", "first"),
        ("replace", "first"),
        ("create-replacement", "first"),
        ("update", "live"),
    ]
    live = kube.live("services", "live")
    assert live is not None
    assert live["spec"]["selector"] == {"app": "shop", "color": "green"}
    managers = {(entry["manager"], entry["operation"]) for entry in live["metadata"]["managedFields"]}
    assert managers == {(changed.row("live")["outputs"]["__fieldManager"], "Apply")}

    gone = bench.run(kind="destroy")
    assert gone.outcome.ok
    assert gone.state.resources == []
    assert kube.objects == {}
    assert gone.steps()[:2] == [("delete", "live"), ("delete", "first")]


def test_an_unnamed_object_is_replaced_create_first_and_its_dependents_see_the_new_name(
    bench: Bench, kube: FakeKube
) -> None:
    program = """
class Unnamed(pulumi.CustomResource):
    metadata: pulumi.Output[dict]
one = Unnamed("kubernetes:core/v1:ConfigMap", "one",
    {"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": config.get("k") or "1"}, "metadata": {}})
config_map("user", metadata={"labels": {"uses": one.metadata["name"]}})
"""
    first = bench.run(program)
    name = first.row("one")["outputs"]["metadata"]["name"]
    assert first.row("one")["inputs"]["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    assert bench.run().outcome.changes == {"same": 3}
    second = bench.run(config={"k": "2"})
    other = second.row("one")["outputs"]["metadata"]["name"]
    assert other != name
    assert second.steps() == [
        ("create-replacement", "one"),
        ("replace", "one"),
        ("update", "user"),
        ("delete-replaced", "one"),
    ]
    assert kube.live("configmaps", name) is None
    user = kube.live("configmaps", "user")
    assert user is not None
    assert user["metadata"]["labels"] == {"uses": other}


def test_a_failed_step_lets_those_at_work_finish_and_saves_them(bench: Bench, kube: FakeKube) -> None:
    kube.refuse["POST default/services"] = (422, {"reason": "Invalid", "message": "spec.selector: no good"})
    failed = bench.run('config_map("ok", a="1")\nservice("bad", app="x")\n')
    assert not failed.outcome.ok
    assert 'resource "urn:pulumi:dev::demo::kubernetes:core/v1:Service::bad" was not successfully created' in (
        failed.said("error")
    )
    assert "spec.selector: no good" in failed.outcome.errors[0]
    assert "KeyboardInterrupt" not in failed.said()
    assert "shutting down" not in failed.said()
    assert failed.state.pending == []
    kube.refuse.clear()
    fixed = bench.run()
    assert fixed.outcome.ok
    assert kube.live("services", "bad")


def test_what_the_program_drops_is_deleted_and_protected_rows_are_not(bench: Bench, kube: FakeKube) -> None:
    bench.run(
        'a = config_map("a")\n'
        'config_map("b", ResourceOptions(protect=True))\n'
        'config_map("c", ResourceOptions(retain_on_delete=True))\n'
        'config_map("d", ResourceOptions(deleted_with=a))\n'
    )
    refused = bench.run("")
    assert "because it is protected" in refused.said("error")
    assert refused.names() == ["b"]
    assert not refused.outcome.ok
    deleted = [path for method, path in kube.writes() if method == "DELETE"]
    assert deleted == ["configmaps/a"]
    assert kube.live("configmaps", "c")


def test_aliases_keep_an_object_when_its_resource_is_renamed(bench: Bench, kube: FakeKube) -> None:
    bench.run('config_map("old", x="1")\n')
    moved = bench.run(
        """
class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("demo:index:Group", name, {}, opts)
group = Group("group")
class Plain(pulumi.CustomResource): pass
props = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old"}, "data": {"x": "1"}}
Plain("kubernetes:core/v1:ConfigMap", "new", props, ResourceOptions(
    parent=group, aliases=[pulumi.Alias(name="old", parent=pulumi.ROOT_STACK_RESOURCE)]))
"""
    )
    assert moved.outcome.changes == {"same": 2, "create": 1}
    assert "demo:index:Group$kubernetes" in moved.row("new")["urn"]
    assert kube.writes() == [("POST", "default/configmaps")]


def test_ignored_changes_are_left_to_others(bench: Bench, kube: FakeKube) -> None:
    program = 'service("live", ResourceOptions(ignore_changes=["spec.selector.color"]), app=config.get("app") or "a", '
    bench.run(program + 'color="blue")\n')
    assert bench.run(program + 'color="green")\n').outcome.changes == {"same": 2}
    live = kube.live("services", "live")
    assert live is not None
    live["spec"]["selector"]["color"] = "red"
    live["metadata"]["managedFields"].append(
        {"manager": "hand", "operation": "Update", "fieldsV1": {"f:spec": {"f:selector": {"f:color": {}}}}}
    )
    assert bench.run(config={"app": "b"}).outcome.ok
    live = kube.live("services", "live")
    assert live is not None
    assert live["spec"]["selector"] == {"app": "b", "color": "red"}


def test_a_conflict_names_the_other_manager_and_is_kept_as_an_init_error(bench: Bench, kube: FakeKube) -> None:
    program = 'service("live", app=config.get("app") or "a")\n'
    bench.run(program)
    live = kube.live("services", "live")
    assert live is not None
    live["spec"]["selector"]["app"] = "z"
    live["metadata"]["managedFields"] = [
        {"manager": "hand", "operation": "Update", "fieldsV1": {"f:spec": {"f:selector": {"f:app": {}}}}}
    ]
    refused = bench.run(config={"app": "b"})
    assert 'conflict with "hand": .spec.selector.app' in refused.said("error")
    assert refused.row("live")["initErrors"]
    forced = program.replace('"live",', '"live", force=True,')
    taken = bench.run(forced, config={"app": "b"})
    assert taken.outcome.ok, taken.said()
    live = kube.live("services", "live")
    assert live is not None
    assert live["spec"]["selector"] == {"app": "b"}


def test_an_exception_in_the_program_is_shown_with_its_own_frames_only(bench: Bench) -> None:
    broken = bench.run("undefined_name()\n")
    assert "Program failed with an unhandled exception" in broken.said("error")
    assert "NameError: name 'undefined_name' is not defined" in broken.said("error")
    assert "launcher.py" not in broken.said()


def test_same_names_are_refused_and_errors_of_the_program_stop_deletions(bench: Bench, kube: FakeKube) -> None:
    bench.run('config_map("a")\nconfig_map("b")\n')
    twice = bench.run('config_map("a")\nconfig_map("a")\n')
    assert "Duplicate resource URN" in twice.said("error")
    broken = bench.run('pulumi.log.error("something is off")\n')
    assert not broken.outcome.ok
    assert kube.live("configmaps", "a")
    assert kube.live("configmaps", "b")


def test_unsupported_things_are_refused_in_plain_words(bench: Bench) -> None:
    cases = {
        'pulumi.CustomResource("random:index:Id", "r", {})': "only knows the kubernetes provider",
        'pulumi.runtime.invoke("kubernetes:yaml:decode", {}).value': "does not support the function",
    }
    for line, words in cases.items():
        refused = bench.run(line + "\n")
        assert not refused.outcome.ok
        assert words in refused.said("error"), refused.said()
