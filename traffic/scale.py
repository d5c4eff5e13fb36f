"""Cells of a blue/green service under an autoscaler: the color that takes over is as large as the one that serves.

The cluster has no metrics, so its autoscaler leaves the count alone; load is played by scaling the workload by hand.
"""

from collections.abc import Callable

from traffic import apps
from traffic.cells import DRAINED, Cell, Stage
from traffic.scene import Scene
from traffic.space import eventually

Play = Callable[[Scene], None]


def cutover_at(count: int, *, new_release: bool = False) -> Play:
    """A cutover while `count` pods serve: at the switch as many of the other color are ready."""

    def play(scene: Scene) -> None:
        scene.space.scale(scene.active, count)
        scene.space.wait_ready(scene.active, count)
        color = scene.idle
        if new_release:
            scene.new_release(color)
        scene.swap()
        ready: list[int] = []

        def look() -> None:
            image = scene.service[color]["image"]  # the color's last release is there as well, until the end
            ready.append(sum(pod.ready and pod.image == image for pod in scene.space.staying(color)))

        outcome = scene.during_up(look, lambda: scene.space.live_color() == color)
        scene.expect(outcome.exit_code == 0, f"`pulumi up` failed: {outcome.output.strip()[-600:]}")
        scene.expect(ready == [count], f"{ready} pods were ready at the switch, and {count} served before it")
        scene.see(scene.version())
        eventually("the standby to shrink", lambda: len(scene.space.staying(scene.idle)) == 1)
        scene.facts["pods at the switch"] = count

    return play


def cells() -> list[Cell]:
    """Each scenario with both workloads."""
    made = []
    for workload in ("deployment", "replica-set"):
        service = apps.blue_green(workload, 1, autoscale={"min_replicas": 2, "max_replicas": 5})
        del service["replicas"]
        stage = Stage(f"scale/{workload}", service)
        made += [
            Cell(stage, "cutover at 4 pods", cutover_at(4), DRAINED),
            Cell(stage, "release and cutover at 3 pods", cutover_at(3, new_release=True), DRAINED),
        ]
    return made
