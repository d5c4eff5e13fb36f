"""Cells of rolling updates: surge settings at several sizes, broken versions, updates that meet another change."""

import signal
from collections.abc import Callable, Mapping

from traffic import apps
from traffic.cells import DRAINED, Cell, Stage
from traffic.errors import TrafficError
from traffic.scene import Scene

# replicas, max_surge, max_unavailable: each way to replace pods, at each size where it differs.
COMBINATIONS: list[tuple[int, int | str, int | str]] = [
    (1, 1, 0),
    (1, "25%", 0),
    (2, 1, 0),
    (2, 0, 1),
    (2, "100%", 0),
    (4, "25%", 0),
    (4, 1, 1),
    (4, 0, "25%"),
    (4, "50%", "50%"),
    (10, "25%", 0),
    (10, 0, 3),
    (10, 5, "25%"),
]
ENDS_WITHIN_SECONDS = 60.0  # an `up` to a version that never gets ready; the engine's own limit is ten minutes


def update(scene: Scene) -> None:
    """To another version."""
    scene.service["release"] = other_release(scene)
    scene.up(hold=False)
    scene.space.wait_for_leavers()
    scene.see(scene.version())


def update_keeping(env: Mapping[str, str]) -> Callable[[Scene], None]:
    """To another version of an application that ends in a certain way."""

    def play(scene: Scene) -> None:
        scene.service["release"] = other_release(scene) | {"env": dict(env)}
        scene.up(hold=False)
        scene.space.wait_for_leavers()

    return play


def broken(tag: str, *, forward: bool) -> Callable[[Scene], None]:
    """To a version that never gets ready, and from there to a good one or back."""

    def play(scene: Scene) -> None:
        good, limit = scene.service["release"], scene.service["progress_deadline_seconds"]
        scene.service |= {"release": apps.release(tag), "progress_deadline_seconds": 5}
        outcome = scene.try_up("up to it")
        scene.expect(outcome.exit_code != 0, f"`pulumi up` to {tag} succeeded")
        scene.expect(outcome.seconds < ENDS_WITHIN_SECONDS, f"`pulumi up` took {outcome.seconds:.0f} s to say so")
        scene.see(str(good["version"]), seconds=1)
        scene.service |= {"release": good, "progress_deadline_seconds": limit}
        if forward:
            scene.service["release"] = other_release(scene)
        scene.up("forward" if forward else "back", hold=False)
        scene.space.wait_for_leavers()
        scene.see(scene.version())

    return play


def superseded(scene: Scene) -> None:
    """An update that is under way is interrupted, and the next one is to another version."""
    scene.service["release"] = other_release(scene)
    running = scene.begin_up("first")
    _until_half_done(scene, str(scene.service["release"]["image"]))
    running.process.send_signal(signal.SIGINT)
    running.outcome()
    scene.mark("interrupted")
    scene.service["release"] = other_release(scene)
    scene.up("second", hold=False)
    scene.space.wait_for_leavers()
    scene.see(scene.version())


def scaled(scene: Scene) -> None:
    """An update that is under way is interrupted, and the next `up` wants more pods too."""
    before = scene.service["replicas"]
    scene.service["release"] = other_release(scene)
    running = scene.begin_up("first")
    _until_half_done(scene, str(scene.service["release"]["image"]))
    running.process.send_signal(signal.SIGINT)
    running.outcome()
    scene.service["replicas"] = before + 2
    scene.up("more pods", hold=False)
    scene.space.wait_for_leavers()
    scene.see(scene.version())
    scene.service["replicas"] = before
    scene.up("as before")


def _until_half_done(scene: Scene, image: str) -> None:
    scene.wait("the update to be half done", lambda: is_half_done(scene, image))


def is_half_done(scene: Scene, image: str) -> bool:
    """Whether pods of this image and of another one are ready."""
    ready = {pod.image for pod in scene.space.staying() if pod.ready}
    return image in ready and len(ready) > 1


def other_release(scene: Scene) -> apps.Json:
    """A good release of another version than the present one."""
    release, build = scene.service["release"], scene.service["release"]["build"]
    if release["version"] not in apps.GOOD:
        raise TrafficError(f"{release['version']} is none of {apps.GOOD}")
    following = apps.GOOD[(apps.GOOD.index(release["version"]) + 1) % len(apps.GOOD)]
    return apps.release(following, build=build + 1)


def cells() -> list[Cell]:
    """All of them."""
    made = []
    for replicas, surge, unavailable in COMBINATIONS:
        service = apps.rolling(replicas=replicas, max_surge=surge, max_unavailable=unavailable)
        stage = Stage(f"rolling/{replicas} pods, surge {surge}, unavailable {unavailable}", service)
        made.append(Cell(stage, "update", update, DRAINED, fast=(replicas, surge, unavailable) == (4, "25%", 0)))
    stage = Stage("rolling/4 pods", apps.rolling(replicas=4))
    made += [
        Cell(stage, "to a version never ready, then forward", broken(apps.UNREADY, forward=True), DRAINED),
        Cell(stage, "to a version never ready, then back", broken(apps.UNREADY, forward=False), DRAINED),
        Cell(stage, "to a version that crashes, then forward", broken(apps.CRASH, forward=True), DRAINED),
        Cell(stage, "half done, then another version", superseded, DRAINED),
        Cell(stage, "half done, then more pods", scaled, DRAINED),
    ]
    return made
