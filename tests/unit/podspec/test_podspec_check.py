"""What a fragment may not hold is found at its own path; what it may hold is known from Kubernetes' own types."""

from typing import Any

import pytest

from components.podspec.check import findings
from components.podspec.generate import types_of
from components.podspec.merge import merged
from components.podspec.types import Kind, parsed, types

SPEC = ("spec",)
APP = ("spec", "containers", 0)


@pytest.mark.parametrize(
    ("fragment", "at", "says", "fix"),
    [
        ([], (), "pod is a list, a mapping", "write a mapping"),
        ({"spec": {"volume": []}}, (*SPEC, "volume"), "did you mean volumes?", "rename volume to volumes"),
        ({"spec": {"node_selector": {}}}, (*SPEC, "node_selector"), "did you mean nodeSelector?", "rename"),
        ({"spec": {"zzz": 1}}, (*SPEC, "zzz"), "zzz is no field of PodSpec in Kubernetes v1.", "known here: activeD"),
        (
            {"metadata": {"name": "x"}},
            ("metadata", "name"),
            "no field of ObjectMeta",
            "known here: annotations, labels",
        ),
        ({"spec": {"hostNetwork": "yes"}}, (*SPEC, "hostNetwork"), "is text, true or false", "without quotes"),
        ({"spec": {"priority": True}}, (*SPEC, "priority"), "is a truth value, a whole number", "a whole number"),
        ({"spec": {"dnsPolicy": "clusterfirst"}}, (*SPEC, "dnsPolicy"), "'clusterfirst'", "dnsPolicy: ClusterFirst"),
        ({"spec": {"containers": {"name": "x"}}}, (*SPEC, "containers"), "is a mapping, a list", "a dash before each"),
        ({"spec": {"containers": [{"image": "x"}]}}, APP, "containers[0] has no name", "add name"),
        ({"spec": {"containers": [None]}}, APP, "containers[0] is empty", "write a mapping"),
        (
            {"spec": {"containers": [{"name": "x"}, {"name": "x"}]}},
            (*SPEC, "containers", 1, "name"),
            "name 'x' is in containers twice",
            "begin the list with `- $patch: replace`",
        ),
        (
            {"spec": {"containers": [{"name": "x", "$patch": "remove"}]}},
            (*APP, "$patch"),
            "$patch is 'remove'",
            "$patch: delete",
        ),
        ({"spec": {"$setElementOrder/containers": []}}, (*SPEC, "$setElementOrder/containers"), "directive", "$patch"),
        (
            {"spec": {"containers": [{"name": "x", "env": [{"name": "PASSWORD", "value": 12345678}]}]}},
            (*APP, "env", 0, "value"),
            "value is a number, text is wanted",
            "quote it as it is written: value: '…'",
        ),
        (
            {"spec": {"containers": [{"name": "x", "resources": {"limits": {"memory": "1GB"}}}]}},
            (*APP, "resources", "limits", "memory"),
            "memory is no quantity",
            "write a quantity, such as 250m",
        ),
        (
            {"spec": {"initContainers": [{"$patch": "replace"}, {"image": "x:1"}]}},
            ("spec", "initContainers", 1),
            "initContainers[1] has no name",
            "add name",
        ),
        (
            {"spec": {"volumes": [{"$patch": "replace"}, {"$patch": "delete"}]}},
            ("spec", "volumes", 1),
            "volumes[1] has no name",
            "add name",
        ),
        ({"metadata": {"labels": {"a": 1}}}, ("metadata", "labels", "a"), "a is a number, text", "quote it"),
    ],
)
def test_one_finding_at_its_own_path(fragment: Any, at: tuple[str | int, ...], says: str, fix: str) -> None:
    (found,) = findings(fragment)
    assert found.at == at
    assert says in found.what
    assert fix in found.fix
    assert "12345678" not in f"{found}"


def test_null_and_directives_are_part_of_a_fragment() -> None:
    fragment = {
        "metadata": {"annotations": None},
        "spec": {
            "volumes": [{"$patch": "replace"}, {"name": "a", "emptyDir": {"sizeLimit": 1}}],
            "containers": [
                {"name": "app", "securityContext": None, "env": [{"name": "A", "$patch": "delete"}]},
                {"name": "dns", "ports": [{"$patch": "replace"}, {"containerPort": 53}, {"containerPort": 53}]},
            ],
        },
    }
    assert findings(fragment) == []


def test_neither_of_the_two_is_changed_by_the_merge() -> None:
    template: dict[str, Any] = {"spec": {"containers": [{"name": "app", "args": ["a"]}]}}
    fragment: dict[str, Any] = {"spec": {"containers": [{"name": "app", "args": ["b"]}, {"name": "log"}]}}
    made: Any = merged(template, fragment)
    assert made == {"spec": {"containers": [{"name": "app", "args": ["b"]}, {"name": "log"}]}}
    made["spec"]["containers"][0]["args"].append("c")
    assert template["spec"]["containers"][0]["args"] == ["a"]
    assert fragment["spec"]["containers"][0]["args"] == ["b"]


def test_the_types_are_those_of_kubernetes() -> None:
    known = types()
    assert len(known) > 90
    assert known["PodSpec"]["containers"] == Kind("Container", "list", "name")
    assert known["Container"]["ports"].key == "containerPort"
    assert known["Container"]["envFrom"] == Kind("EnvFromSource", "list")
    assert known["ResourceRequirements"]["limits"] == Kind("quantity", "mapping")
    assert known["PodSpec"]["restartPolicy"].words == ("Always", "Never", "OnFailure")
    assert "ephemeralContainers" not in known["PodSpec"]
    assert {kind.name for fields in known.values() for kind in fields.values() if kind.name[0].isupper()} <= set(known)


def test_the_types_are_read_from_an_openapi_document() -> None:
    core, reference = "io.k8s.api.core.v1", "#/components/schemas/"
    item = {"allOf": [{"$ref": f"{reference}{core}.Container"}], "default": {}}
    merge = {"x-kubernetes-patch-strategy": "merge,retainKeys", "x-kubernetes-patch-merge-key": "name"}
    schemas = {
        f"{core}.PodTemplateSpec": {"properties": {"spec": {"$ref": f"{reference}{core}.PodSpec"}}},
        f"{core}.PodSpec": {
            "properties": {
                "containers": {"type": "array", "items": item, **merge},
                "ephemeralContainers": {"type": "array", "items": item},
                "dnsPolicy": {"type": "string", "enum": ["", "Default", "None"]},
                "nodeSelector": {"type": "object", "additionalProperties": {"type": "string"}},
            }
        },
        f"{core}.Container": {"properties": {"args": {"type": "array", "items": {"type": "string"}}}},
    }
    assert types_of(schemas) == {
        "Container": {"args": "[text]"},
        "PodSpec": {"containers": "[Container]name", "dnsPolicy": "text:Default|None", "nodeSelector": "{text}"},
        "PodTemplateSpec": {"spec": "PodSpec"},
    }
    assert parsed("[Container]name") == Kind("Container", "list", "name")
