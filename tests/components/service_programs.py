"""Programs of one service, `shop` in the namespace `ns`, for tests of what its Services may become."""

from typing import Any

import pulumi

from components import BlueGreenService, Release, RollingApp
from tests.components.fakes import FakeCluster, Recorder, run_program

ONE = Release(version="1.0.0", build=1, image="shop:1")


def preview(recorder: Recorder) -> None:
    """From now on programs are previewed."""
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=True)


def two_colors(cluster: FakeCluster, **fields: Any) -> None:
    """A blue/green service with a release on blue."""
    given: dict[str, Any] = {"port": 8080, "active": "blue", "blue": ONE, **fields}
    run_program(lambda: BlueGreenService("shop", namespace="ns", cluster=cluster, **given))


def rolling(cluster: FakeCluster, **fields: Any) -> None:
    """A rolling service."""
    given: dict[str, Any] = {"port": 8080, "release": ONE, **fields}
    run_program(lambda: RollingApp("shop", namespace="ns", cluster=cluster, **given))
