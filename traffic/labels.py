"""Cells of cutovers by labels: with the old pods recycled, with the old pods kept, and of two services together.

Where they are kept, kept connections stay on them, so a claim that only the new version answers is made only with
`recycle`; without it no pod stops, and every kind of request has to succeed.
"""

from collections.abc import Callable

from traffic import apps
from traffic.blue_green import broken, cutover, release_and_cutover, rollback, ten_cutovers
from traffic.cells import DRAINED, ZERO, Cell, Json, Stage
from traffic.groups import meet
from traffic.kills import up_again, up_killed
from traffic.scene import Scene

Play = Callable[[Scene], None]
OVERLAP_SECONDS = 3


def overlap(scene: Scene) -> None:
    """Both colors answer for a while."""
    scene.service["overlap_seconds"] = OVERLAP_SECONDS
    cutover(scene)
    del scene.service["overlap_seconds"]


def from_selector_and_back(scene: Scene) -> None:
    """The way of cutting over is changed while requests come in: alone, and together with the color."""
    for way, swap in (("selector", False), ("labels", False), ("selector", True), ("labels", True)):
        scene.service["cutover"] = way
        if swap:
            scene.swap()
        scene.up(f"{way}, {scene.active}")


def there_and_back(scene: Scene) -> None:
    """No pod may stop."""
    before = {pod.uid for pod in scene.space.pods()}
    for label in ("cutover", "rollback"):
        scene.swap()
        scene.up(label, hold=False)
    scene.expect({pod.uid for pod in scene.space.staying()} == before, "a pod was stopped")


def killed_while_both_are_attached(scene: Scene) -> None:
    """The engine and the program die when both colors answer; the next `up` goes on, and the one after that back."""
    for _ in range(2):
        scene.service["overlap_seconds"] = OVERLAP_SECONDS
        scene.swap()
        killed = up_killed(
            scene, "the overlap", lambda _: scene.space.attached() == {"blue", "green"}, "engine and program"
        )
        scene.expect(killed, "the moment to kill never came")
        del scene.service["overlap_seconds"]
        up_again(scene)
        scene.expect(scene.space.attached() == {scene.active}, "the old color is still attached")


def _service(**changes: bool) -> Json:
    return apps.blue_green("replica-set", cutover="labels", **changes)


def _member() -> Json:
    made = _service(recycle=True)
    del made["active"]  # the group's
    return made


def cells() -> list[Cell]:
    """All of them."""
    recycled = Stage("labels/recycled", _service(recycle=True))
    kept = Stage("labels/kept", _service())
    group = {"active": "blue", "services": [apps.BACKEND, apps.SERVICE]}
    both = Stage("labels/two services", _member(), backend=_member(), group=group, hops=2)
    plays: dict[str, Play] = {
        "cutover": cutover,
        "cutover and rollback": rollback,
        "release and cutover in one edit": release_and_cutover,
        "both answer for a while": overlap,
        "from the selector and back": from_selector_and_back,
        "broken: never ready": broken(apps.UNREADY),
        "killed while both are attached": killed_while_both_are_attached,
        "ten cutovers": ten_cutovers,
    }
    return [
        *(Cell(recycled, name, play, DRAINED) for name, play in plays.items()),
        Cell(kept, "cutover and rollback", there_and_back, ZERO),
        *(Cell(both, name, play, DRAINED, prepare=meet) for name, play in (("cutover", cutover), ("back", rollback))),
    ]
