"""Cells of canaries with no gateway: shares made of pods, by labels and by replicas, every step, and pods that end.

A Service spreads new connections over its pods, so those are held to the share. Kept ones stay on their pod for as long
as it serves: once a version is seen to be gone, none of its answers may come on them either, as the pods that had a
share are recycled.
"""

from traffic import apps
from traffic.canary_steps import Play, Steps, during, edit
from traffic.cells import DRAINED, Bar, Cell, Stage
from traffic.faults import POD_KILLED
from traffic.scene import Scene

PODS = {10: 1, 50: 2}
"""How many pods of one color have which weight, beside two of the other."""
STEPS = tuple(PODS)


def back_from_each(scene: Scene) -> None:
    """From each step straight back, and from the last one step by step."""
    _CANARY.back_from_each(scene)
    for weight in (0, STEPS[0]):
        _CANARY.take(scene, weight)
        _CANARY.take(scene, 0)
    for weight in (*reversed(STEPS), 0):
        _CANARY.take(scene, weight)


def release_and_share(scene: Scene) -> None:
    """Another release on the idle color, and its share, in one edit."""
    for _ in range(2):
        scene.new_release(scene.idle)
        _CANARY.take(scene, STEPS[0])
        _CANARY.take(scene, 0)


def pods_end(grace_seconds: int | None) -> Play:
    """A pod with a share ends in each step, as soon as it has one; 0 seconds: it is killed."""

    def play(scene: Scene) -> None:
        for weight in STEPS:
            edit(scene, weight)
            idle, pods = scene.idle, PODS[weight]

            def end() -> None:
                scene.space.end_pod(scene.space.staying(idle)[0], grace_seconds)  # noqa: B023 - called in this turn

            during(scene, end, lambda: scene.space.beside(idle) == pods, f"{weight} %")  # noqa: B023
            scene.space.wait_ready(idle, pods if _by_replicas(scene) else int(scene.service["replicas"]))
            scene.up("settled", hold=False)  # by labels a pod that is born has no share before
            _held(scene, weight)
        _CANARY.take(scene, 0)

    return play


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


_CANARY = Steps(STEPS, _held)


def cells() -> list[Cell]:
    """All of them, by each way to make a share of pods."""
    stages = {
        "labels": apps.blue_green("replica-set", cutover="labels", recycle=True),
        "replicas": apps.blue_green(),
        "replicas of replica sets": apps.blue_green("replica-set"),
    }
    plays: dict[str, tuple[Play, Bar]] = {
        "0, 10, 50 %, cutover": (_CANARY.up_and_over, DRAINED),
        "back from each step": (back_from_each, DRAINED),
        "release and share in one edit": (release_and_share, DRAINED),
        "pods with a share end at each step": (pods_end(None), DRAINED),
        "pods with a share killed at each step": (pods_end(0), POD_KILLED),
        "ten canaries": (_CANARY.ten_in_a_row, DRAINED),
    }
    return [
        Cell(stage, scenario, play, bar)
        for stage in (Stage(f"canaries/{name}", service) for name, service in stages.items())
        for scenario, (play, bar) in plays.items()
    ]
