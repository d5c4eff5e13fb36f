"""Cells of releases with Jobs around them: both run, one refuses, one fails when the cutover is complete.

podinfo stands for the tool that changes a database: it ends well after `--help`, and badly without its certificate.
"""

from collections.abc import Callable

from traffic import apps
from traffic.blue_green import rollback
from traffic.cells import DRAINED, ZERO, Bar, Cell, Json, Stage
from traffic.scene import Scene

Play = Callable[[Scene], None]
GOOD: Json = {"image": f"{apps.PODINFO}:{apps.GOOD[0]}", "args": ["--help"], "timeout_seconds": 60}
BAD: Json = {**GOOD, "args": ["--secure-port=9899"]}


def equip(scene: Scene) -> None:
    """Before the traffic: the service gets its Jobs; the release that serves needs none."""
    scene.service |= {"before_cutover": GOOD, "after_cutover": GOOD}
    scene.up()


def with_jobs(scene: Scene) -> None:
    """A new release with its two Jobs, and back and forth without them."""
    scene.new_release(scene.idle)
    scene.swap()
    scene.up("with both Jobs")
    rollback(scene)


def refused(scene: Scene) -> None:
    """The Job before the cutover fails; then the edit is taken back."""
    before = dict(scene.service)
    scene.service["before_cutover"] = BAD
    scene.new_release(scene.idle)
    scene.swap()
    scene.refused("before_cutover Job", "traffic stays where it was")
    scene.service.clear()
    scene.service.update(before)
    scene.up("taken back")


def failed_after(scene: Scene) -> None:
    """The Job after the cutover fails: the new release goes on, and the next `up` with a mended Job is done."""
    scene.service["after_cutover"] = BAD
    scene.new_release(scene.idle)
    scene.swap()
    outcome = scene.try_up("failing at the end")
    scene.expect("traffic stays on the new release" in " ".join(outcome.output.split()), "no word of the Job")
    scene.expect(outcome.exit_code != 0, "`pulumi up` did not tell of the Job")
    scene.see(scene.version())
    scene.service["after_cutover"] = GOOD
    scene.up("mended")


SCENARIOS: dict[str, tuple[Play, Bar]] = {
    "release with both, and back and forth": (with_jobs, DRAINED),
    "the one before fails": (refused, ZERO),
    "the one after fails": (failed_after, DRAINED),
}


def cells() -> list[Cell]:
    """Every scenario with both workloads."""
    return [
        Cell(Stage(f"jobs/{workload}", apps.blue_green(workload)), name, play, bar, prepare=equip)
        for workload in ("deployment", "replica-set")
        for name, (play, bar) in SCENARIOS.items()
    ]
