"""Properties of the pure parts: values on the wire, paths, differences, orders, URNs."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.engine.deploy import deletes, goal, urns
from sandbox.engine.deploy.journal import dependencies
from sandbox.engine.kube import force_new, managers
from sandbox.engine.kube.awaits import wait_for
from sandbox.engine.kube.errors import KubeError
from sandbox.engine.model import SIG
from sandbox.engine.properties import diff, paths, values

KEYS = st.text('abc./-"[]', min_size=1, max_size=4)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
PLAIN = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
OBJECTS = st.dictionaries(KEYS, PLAIN, max_size=4)
MARKED = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3) | inner.map(values.secret),
)


@given(st.dictionaries(KEYS, MARKED, max_size=4))
def test_values_survive_the_wire(value: dict[str, Any]) -> None:
    assert values.decode(values.encode(value)) == value


@given(MARKED)
def test_masked_values_hold_no_secret_and_plain_ones_no_envelope(value: Any) -> None:
    assert not values.has_secret(values.mask(value))
    assert not values.has_secret(values.plain(value))


@given(st.dictionaries(KEYS, MARKED, max_size=4))
def test_secretness_is_put_back_where_it_was(value: dict[str, Any]) -> None:
    again = values.keep_secrets(values.plain(value), value)
    assert values.plain(again) == values.plain(value)
    assert values.has_secret(again) == values.has_secret(value)


def test_output_values_fold_into_secrets_and_unknowns() -> None:
    envelope = {SIG: values.OUTPUT_VALUE}
    hidden, half = {**envelope, "value": 1, "secret": True}, {**envelope, "value": 2.5}
    wire = values.encode({"a": hidden, "b": envelope, "c": half})
    assert values.decode(wire) == {"a": values.secret(1), "b": values.UNKNOWN, "c": 2.5}


@given(OBJECTS)
def test_paths_render_and_parse_back(value: dict[str, Any]) -> None:
    for path, _ in diff.compare({}, value):
        assert paths.parse(paths.render(path)) == path


@given(OBJECTS, OBJECTS)
def test_a_difference_is_reported_exactly_where_it_is(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = dict(diff.compare(old, new))
    assert list(diff.compare(old, old)) == []
    for path, kind in found.items():
        assert paths.get(old, path)[0] is (kind != "add")
        assert paths.get(new, path)[0] is (kind != "delete")
    assert bool(found) is (values.encode(old) != values.encode(new))


@given(OBJECTS, OBJECTS)
def test_what_is_pruned_to_a_shape_has_no_more_than_the_shape(live: dict[str, Any], shape: dict[str, Any]) -> None:
    pruned = diff.prune(live, shape)
    assert set(pruned) <= set(shape)
    assert diff.prune(live, live) == live
    assert not [path for path, kind in diff.compare(shape, pruned) if kind == "add" and len(path) == 1]


@given(OBJECTS, OBJECTS)
def test_ignored_paths_keep_the_old_value(old: dict[str, Any], new: dict[str, Any]) -> None:
    for key in {*old, *new}:
        kept = paths.restore(new, old, [paths.render((key,))])
        assert paths.get(kept, (key,)) == paths.get(old, (key,))
    assert paths.restore(new, old, ["*"]) == old


@pytest.mark.parametrize(
    ("pattern", "path", "inside"),
    [
        ("spec", "spec.replicas", True),
        ("spec.template", "spec.templates", False),
        ("spec.containers[*].image", "spec.containers[3].image", True),
        ('metadata.annotations["a.b/c"]', 'metadata.annotations["a.b/c"]', True),
        ("*", "anything.at.all", True),
        ("spec.replicas", "spec", False),
    ],
)
def test_patterns_cover_what_is_at_or_below_them(pattern: str, path: str, inside: bool) -> None:
    assert paths.contains(paths.parse(pattern), paths.parse(path)) is inside


@pytest.mark.parametrize(
    ("group", "kind", "path", "forced"),
    [
        ("apps", "Deployment", "spec.selector.matchLabels.app", True),
        ("apps", "Deployment", "spec.template.spec.containers[0].image", False),
        ("apps", "ReplicaSet", "spec.selector", False),
        ("", "Service", "spec.selector.color", False),
        ("", "Service", "spec.clusterIP", True),
        ("", "Service", "spec.clusterIPs[0]", False),
        ("", "Pod", "spec.containers[1].image", True),
        ("", "ConfigMap", "data.key", True),
        ("batch", "Job", "spec.template.spec", True),
        ("", "ConfigMap", "metadata.labels.app", False),
        ("", "ConfigMap", "metadata.namespace", True),
    ],
)
def test_the_changes_that_need_a_new_object(group: str, kind: str, path: str, forced: bool) -> None:
    assert force_new.replaces(group, kind, path) is forced


@given(st.data())
@settings(max_examples=60)
def test_deletions_take_dependents_first(data: st.DataObject) -> None:
    rows: list[dict[str, Any]] = []
    for index in range(data.draw(st.integers(0, 8))):
        known = [row["urn"] for row in rows]
        needed = data.draw(st.lists(st.sampled_from(known), max_size=2)) if known else []
        parent = data.draw(st.sampled_from(["", *known]))
        rows.append({"urn": f"urn{index}", "type": "t", "dependencies": needed, "parent": parent})
    order = deletes.layers(rows)
    assert sorted(row["urn"] for layer in order for row in layer) == sorted(row["urn"] for row in rows)
    gone: set[str] = set()
    for layer in order:
        for row in layer:
            assert not any(row["urn"] in dependencies(other) for other in rows if other["urn"] not in gone)
        gone |= {row["urn"] for row in layer}


def test_urns_are_built_and_taken_apart() -> None:
    stack = urns.make("dev", "shop", "", urns.STACK_TYPE, "shop-dev")
    group = urns.make("dev", "shop", stack, "cutover:index:BlueGreen", "web")
    child = urns.make("dev", "shop", group, "kubernetes:core/v1:Service", "web::live")
    assert child == "urn:pulumi:dev::shop::cutover:index:BlueGreen$kubernetes:core/v1:Service::web::live"
    assert (urns.name(child), urns.type_of(child)) == ("web::live", "kubernetes:core/v1:Service")
    assert urns.split_provider(f"{child}::1-2") == (child, "1-2")


@pytest.mark.parametrize(("text", "seconds"), [("", 0), ("90s", 90), ("1m30s", 90), ("1h", 3600), ("250ms", 0.25)])
def test_durations_are_read_like_go_does(text: str, seconds: float) -> None:
    assert goal._seconds(text) == seconds


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("jsonpath={.status.availableReplicas}=3", True),
        ("jsonpath={.status.availableReplicas}=4", False),
        ("jsonpath={.status.missing}", False),
        ("jsonpath={.status.conditions[?(@.type=='Ready')].status}=True", True),
        ("jsonpath={.status.conditions[0].type}", True),
        ("jsonpath={.status.paused}=false", True),
        ("condition=Ready", True),
        ("condition=ready=False", False),
        ('["condition=Ready", "jsonpath={.status.availableReplicas}=3"]', True),
    ],
)
def test_wait_for_expressions(expression: str, holds: bool) -> None:
    ready = {"type": "Ready", "status": "True"}
    live = {
        "metadata": {"annotations": {"pulumi.com/waitFor": expression}},
        "status": {"availableReplicas": 3, "paused": False, "conditions": [ready]},
    }
    checker = wait_for.WaitForChecker(None, live, None)  # type: ignore[arg-type]
    assert checker.look(live).ready is holds


@pytest.mark.parametrize("expression", ["status.x=1", "jsonpath=.status.x", "jsonpath={.a|b}", "[]"])
def test_wait_for_expressions_that_mean_nothing_are_refused(expression: str) -> None:
    with pytest.raises(KubeError, match=r"waitFor"):
        wait_for.parse(expression)


def test_a_takeover_moves_the_fields_of_the_create_and_leaves_others_alone() -> None:
    created = {"manager": "pulumi-kubernetes", "operation": "Update", "fieldsV1": {"f:spec": {"f:a": {}}}}
    status = {**created, "subresource": "status", "fieldsV1": {"f:status": {}}}
    other = {"manager": "hand", "operation": "Update", "fieldsV1": {"f:spec": {"f:b": {}}}}
    live = {"metadata": {"resourceVersion": "7", "managedFields": [created, status, other]}}
    first, second = managers.takeover(live, "mine")
    assert first["value"] == [{**created, "manager": "mine", "operation": "Apply"}, status, other]
    assert second == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    live["metadata"]["managedFields"] = first["value"]
    assert managers.takeover(live, "mine") == []
