"""Cells of blue/green releases, each with both workloads and with a full, a small and no standby."""

from traffic import apps
from traffic.cells import Cell, Stage
from traffic.scene import Scene


def cutover(scene: Scene) -> None:
    """Both colors as they stand; only `active` is edited."""
    scene.swap()
    scene.up()


def stages() -> list[Stage]:
    """Workloads times standbys."""
    return [
        Stage(f"blue-green/{workload}/standby-{name}", apps.blue_green(workload, standby))
        for workload in ("deployment", "replica-set")
        for name, standby in (("full", None), ("1", 1), ("0", 0))
    ]


def cells() -> list[Cell]:
    """All of them."""
    return [Cell(stage, "cutover", cutover) for stage in stages()]
