"""Any pod template can be made of any other by a fragment, which says no more than is needed."""

from typing import Any

from hypothesis import given, settings

from components.podspec.check import findings
from components.podspec.diff import fragment_of
from components.podspec.merge import merged
from components.podspec.types import ROOT
from tests.unit.podspec.test_podspec_oracle import fields


@settings(max_examples=100)
@given(template=fields(ROOT, 0, patch=False), wanted=fields(ROOT, 0, patch=False))
def test_the_fragment_gives_what_is_wanted(template: dict[str, Any], wanted: dict[str, Any]) -> None:
    fragment = fragment_of(template, wanted)
    assert findings(fragment) == []
    assert merged(template, fragment) == wanted
    assert fragment_of(wanted, wanted) == {}


def test_it_names_only_what_differs() -> None:
    app = {"name": "app", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "tty": True}
    log = {"name": "log", "image": "log:1"}
    template: dict[str, Any] = {"metadata": {"labels": {"a": "1", "b": "2"}}, "spec": {"containers": [app]}}
    changed = {"name": "app", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "3"}]}
    wanted: dict[str, Any] = {"metadata": {"labels": {"b": "2"}}, "spec": {"containers": [changed, log]}}
    assert fragment_of(template, wanted) == {
        "metadata": {"labels": {"a": None}},
        "spec": {"containers": [{"name": "app", "env": [{"name": "B", "value": "3"}], "tty": None}, log]},
    }
    twice = [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "protocol": "TCP"}]
    doubled: dict[str, Any] = {"spec": {"containers": [{"name": "app", "ports": twice}]}}
    one: dict[str, Any] = {"spec": {"containers": [{"name": "app", "ports": twice[:1]}]}}
    (entry,) = fragment_of(one, doubled)["spec"]["containers"]
    assert entry["ports"] == [{"$patch": "replace"}, *twice]


def test_two_of_one_key_in_what_is_new_are_kept() -> None:
    twice = [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "protocol": "TCP"}]
    wanted: dict[str, Any] = {"spec": {"containers": [{"name": "app", "ports": twice}, {"name": "x", "ports": twice}]}}
    templates: list[dict[str, Any]] = [{"spec": {"containers": [{"name": "app"}]}}, {"spec": {}}]
    for template in templates:
        fragment = fragment_of(template, wanted)
        assert findings(fragment) == []
        assert merged(template, fragment) == wanted
