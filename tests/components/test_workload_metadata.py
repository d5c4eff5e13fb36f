"""Labels and annotations of a workload itself: on each kind of it, beside the program's own, and not on its pods."""

from typing import Any

import pytest

from components import BlueGreenService, Release, RollingApp
from components.rules.errors import ConfigError
from tests.components.fakes import FakeCluster, Recorder, run_program

NOTES: dict[str, Any] = {
    "port": 80,
    "workload_labels": {"team": "a"},
    "workload_annotations": {"reloader.example/auto": "true"},
}
ONE = Release(version="1.0.0", build=1, image="shop:1")


def build(cluster: FakeCluster, kind: str, **fields: Any) -> None:
    given = {**NOTES, **fields}
    if kind == "ReplicaSet":
        run_program(
            lambda: (
                BlueGreenService(
                    "shop", namespace="ns", cluster=cluster, active="blue", blue=ONE, workload="replica-set", **given
                ).active
            )
        )
        return
    if kind == "StatefulSet":
        given["workload"] = "stateful-set"
    run_program(lambda: RollingApp("shop", namespace="ns", cluster=cluster, release=ONE, **given).release)


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet"])
def test_they_are_beside_the_program_s_own(recorder: Recorder, cluster: FakeCluster, kind: str) -> None:
    build(cluster, kind)
    (made,) = [one.inputs for one in recorder.resources if one.type.endswith(f":{kind}")]
    assert made["metadata"]["labels"]["team"] == "a"
    assert made["metadata"]["labels"]["app.kubernetes.io/instance"] == "shop"
    assert made["metadata"]["annotations"]["reloader.example/auto"] == "true"
    assert "cutover.dev/stack" in made["metadata"]["annotations"]
    pods = made["spec"]["template"]["metadata"]
    assert "team" not in pods["labels"]
    assert "reloader.example/auto" not in pods.get("annotations", {})


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("workload_labels", "app.kubernetes.io/instance"),
        ("workload_labels", "cutover.dev/color"),
        ("workload_annotations", "cutover.dev/stack"),
        ("workload_annotations", "pulumi.com/skipAwait"),
    ],
)
def test_none_of_them_is_the_program_s(recorder: Recorder, cluster: FakeCluster, field: str, key: str) -> None:
    with pytest.raises(ConfigError, match=f"{key} is one of the"):
        build(cluster, "Deployment", **{field: {key: "x"}})
