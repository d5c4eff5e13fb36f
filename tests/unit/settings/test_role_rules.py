"""`active_metadata` and `preview_metadata`: keys of others, and pods that would lack it, are refused by their path."""

from typing import Any

import pytest

from components.rules.errors import ConfigError
from components.settings import RoleMetadata
from components.strategies.blue_green.settings import BlueGreenSettings

BASE: dict[str, Any] = {"active": "blue", "port": 80, "blue": {"version": "1", "build": 1, "image": "shop:1"}}


def problems(**settings: Any) -> dict[str, str]:
    """Path -> what is wrong."""
    with pytest.raises(ConfigError) as raised:
        BlueGreenSettings(**BASE | settings)
    return {one.path.removeprefix("BlueGreenSettings."): one.what for one in raised.value.problems}


def test_it_may_be_on_both_roles() -> None:
    made = BlueGreenSettings(
        **BASE,
        active_metadata=RoleMetadata(labels={"role": "active"}),
        preview_metadata=RoleMetadata(labels={"role": "preview"}),
    )
    active, preview = made.role_marks
    assert (active.role, active.labels, preview.labels) == ("active", {"role": "active"}, {"role": "preview"})
    assert BlueGreenSettings(**BASE).role_marks[0].note is None


@pytest.mark.parametrize(
    ("metadata", "more", "path"),
    [
        ({"labels": {"cutover.dev/color": "green"}}, {}, 'labels["cutover.dev/color"]'),
        ({"labels": {"app.kubernetes.io/name": "x"}}, {}, 'labels["app.kubernetes.io/name"]'),
        ({"annotations": {"cutover.dev/role": "x"}}, {}, 'annotations["cutover.dev/role"]'),
        ({"labels": {"pod-template-hash": "x"}}, {}, "labels.pod-template-hash"),
        ({"labels": {"team": "x"}}, {"pod_labels": {"team": "a"}}, "labels.team"),
        ({"labels": {"team": "x"}}, {"pod": {"metadata": {"labels": {"team": "a"}}}}, "labels.team"),
        ({"annotations": {"a": "x"}}, {"pod": {"metadata": {"annotations": {"a": "b"}}}}, "annotations.a"),
        ({"annotations": {"a": "x" * 70_000, "b": "y" * 70_000}}, {}, "annotations"),
        ({"labels": {"a b": "x"}}, {}, 'labels["a b"]'),
        ({"labels": {"role": "no good!"}}, {}, "labels.role"),
    ],
)
def test_keys_and_values_that_cannot_be(metadata: dict[str, Any], more: dict[str, Any], path: str) -> None:
    for role in ("active_metadata", "preview_metadata"):
        assert list(problems(**more, **{role: metadata})) == [f"{role}.{path}"]


def test_under_an_autoscaler_only_what_is_born_with_it() -> None:
    scaled: dict[str, Any] = {
        "autoscale": {"min_replicas": 2, "max_replicas": 4},
        "resources": {"requests": {"cpu": "1"}},
        "active_metadata": {"labels": {"role": "active"}},
    }
    assert list(problems(**scaled)) == ["active_metadata"]
    assert BlueGreenSettings(**BASE, **scaled, workload="replica-set").active_metadata
