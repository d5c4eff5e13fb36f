"""Cells of canaries with no gateway: shares made of pods, by labels and by replicas, every step, and pods that end.

A Service spreads new connections over its pods, so those are held to the share. Kept ones stay on their pod for as long
as it serves: once a version is seen to be gone, none of its answers may come on them either, as the pods that had a
share are recycled.
"""

from collections.abc import Callable

from traffic import apps
from traffic.cells import DRAINED, Bar, Cell, Stage
from traffic.errors import TrafficError
from traffic.faults import POD_KILLED
from traffic.scene import Scene

Play = Callable[[Scene], None]

PODS = {10: 1, 50: 2}
"""How many pods of one color have which weight, beside two of the other."""
STEPS = tuple(PODS)


def step(scene: Scene, weight: int) -> None:
    """One edit, one `up`, and the share that it should make."""
    _edit(scene, weight)
    scene.up(f"{weight} %", hold=False)
    _held(scene, weight)


def up_and_over(scene: Scene) -> None:
    """From nothing by each step to the cutover."""
    for weight in STEPS:
        step(scene, weight)
    scene.swap()
    step(scene, 0)


def back_from_each(scene: Scene) -> None:
    """From each step straight back, and from the last one step by step."""
    for weight in (*STEPS, 0, STEPS[0]):
        step(scene, weight)
        step(scene, 0)
    for weight in (*reversed(STEPS), 0):
        step(scene, weight)


def ten_in_a_row(scene: Scene) -> None:
    """Ten releases, each with a share of the users first, and then with all of them."""
    for _ in range(10):
        scene.new_release(scene.idle)
        step(scene, STEPS[0])
        scene.swap()
        step(scene, 0)


def release_and_share(scene: Scene) -> None:
    """Another release on the idle color, and its share, in one edit."""
    for _ in range(2):
        scene.new_release(scene.idle)
        step(scene, STEPS[0])
        step(scene, 0)


def pods_end(grace_seconds: int | None) -> Play:
    """A pod with a share ends in each step, as soon as it has one; 0 seconds: it is killed."""

    def play(scene: Scene) -> None:
        for weight in STEPS:
            _edit(scene, weight)
            idle, pods = scene.idle, PODS[weight]

            def end() -> None:
                scene.space.end_pod(scene.space.staying(idle)[0], grace_seconds)  # noqa: B023 - called in this turn

            outcome = scene.during_up(end, lambda: scene.space.beside(idle) == pods, f"{weight} %")  # noqa: B023
            for _ in range(2):
                if outcome.exit_code == 0:
                    break
                outcome = scene.try_up("up again")
            if outcome.exit_code:
                raise TrafficError(f"`pulumi up` fails again and again:\n{outcome.output.strip()[-1500:]}")
            scene.space.wait_ready(idle, pods if _by_replicas(scene) else int(scene.service["replicas"]))
            scene.up("settled", hold=False)  # by labels a pod that is born has no share before
            _held(scene, weight)
        step(scene, 0)

    return play


def _edit(scene: Scene, weight: int) -> None:
    scene.service.pop("canary", None)
    if weight:
        scene.service["canary"] = {"weight": weight}


def _by_replicas(scene: Scene) -> bool:
    return scene.service.get("cutover") != "labels"


def _held(scene: Scene, weight: int) -> None:
    """Who answers now: both colors by their pods, or one alone."""
    if not weight:
        scene.see(scene.version())
        return
    pods, active = PODS[weight], int(scene.service["replicas"])
    scene.expect(scene.space.beside(scene.idle) == pods, f"not {pods} pods of {scene.idle} have a share at {weight} %")
    share = pods / (pods + active)
    other = str(scene.service[scene.idle]["version"])
    scene.share({scene.version(): 1 - share, other: share}, fresh=True)


def cells() -> list[Cell]:
    """All of them, by each way to make a share of pods."""
    stages = {
        "labels": apps.blue_green("replica-set", cutover="labels", recycle=True),
        "replicas": apps.blue_green(),
        "replicas of replica sets": apps.blue_green("replica-set"),
    }
    plays: dict[str, tuple[Play, Bar]] = {
        "0, 10, 50 %, cutover": (up_and_over, DRAINED),
        "back from each step": (back_from_each, DRAINED),
        "release and share in one edit": (release_and_share, DRAINED),
        "pods with a share end at each step": (pods_end(None), DRAINED),
        "pods with a share killed at each step": (pods_end(0), POD_KILLED),
        "ten canaries": (ten_in_a_row, DRAINED),
    }
    return [
        Cell(stage, scenario, play, bar)
        for stage in (Stage(f"canaries/{name}", service) for name, service in stages.items())
        for scenario, (play, bar) in plays.items()
    ]
