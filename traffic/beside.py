"""Cells of services side by side: versions of one service, and environments of a front end and its API.

The front end asks the API of its own environment before it answers, and names both releases where they differ; no
answer of any cell may. The cluster has no DNS, so it is told that API's address, which never moves.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from traffic import apps
from traffic.blue_green import cutover, rollback
from traffic.cells import DRAINED, Cell, Stage
from traffic.clients import clients
from traffic.kills import up_again, up_killed
from traffic.scene import Scene
from traffic.space import INSTANCE

Play = Callable[[Scene], None]
VERSIONS = {"v1": apps.GOOD[0], "v2": apps.GOOD[1]}
BUILDS = {"coco-1": apps.GOOD[0], "coco-2": apps.GOOD[1]}
CONSUMERS_PER_SECOND = 50.0


@contextmanager
def consumers(scene: Scene, service: str, version: str) -> Iterator[None]:
    """Clients of every kind at a version's own address: they may lose nothing, and meet no other version."""
    with clients(scene.space.url(service), CONSUMERS_PER_SECOND) as prober:
        yield
        result = prober.stop()
    scene.facts[f"at {service}"] = f"{result.failed} of {result.requests:,} failed"
    scene.expect(result.failed == 0, f"{result.failed} requests of the consumers at {service} failed")
    scene.expect(set(result.versions) == {version}, f"{service} was answered by {sorted(result.versions)}")


def all_there(scene: Scene) -> None:
    """Before the traffic: both versions, the front on the first."""
    scene.service |= {"active": "v1", "versions": {key: apps.release(tag) for key, tag in VERSIONS.items()}}
    scene.up()


def with_consumers(scene: Scene) -> None:
    """The front leaves a version that has consumers of its own, and comes back to it."""
    with consumers(scene, f"{apps.SERVICE}-v1", VERSIONS["v1"]):
        rollback(scene)
        time.sleep(1)


def another_version(scene: Scene) -> None:
    """A third version, and the front moves to it, in one edit."""
    scene.service["versions"]["v3"] = apps.release(apps.GOOD[2])
    scene.service["active"] = "v3"
    scene.up()


def leave_and_remove(scene: Scene) -> None:
    """What the front leaves is in the configuration no more."""
    left = scene.active
    scene.swap()
    del (scene.switch.get("builds") or scene.switch["versions"])[left]
    scene.up()


def killed_at_the_front(scene: Scene) -> None:
    """The engine dies when the front has moved, and before what it left has; the next `up` ends it."""
    to = scene.idle
    scene.swap()
    killed = up_killed(
        scene,
        "the move",
        lambda _: scene.space.selector().get(INSTANCE) == f"{apps.SERVICE}-{to}",
        "engine and program",
    )
    scene.expect(killed, "the moment to kill never came")
    up_again(scene)


def paired(scene: Scene) -> None:
    """Before the traffic: both environments, each with a front end that knows its API; the first one serves."""
    assert scene.environments is not None  # noqa: S101 - a cell of environments
    scene.environments.clear()
    scene.environments.update(apps.environments(**BUILDS))
    scene.up()
    for name, build in scene.environments["builds"].items():
        address = scene.space.url(f"{apps.BACKEND}-{name}")
        build["services"][apps.SERVICE]["release"]["env"] = apps.DRAINS | {"RESPONDER_BACKEND": address}
    scene.up()


def refused(scene: Scene) -> None:
    """The front end of the next environment fails its smoke check: no front moves; then the edit is taken back."""
    assert scene.environments is not None  # noqa: S101 - a cell of environments
    front_end = scene.environments["builds"][scene.idle]["services"][apps.SERVICE]
    good = front_end["release"]
    front_end["release"] = apps.release(apps.BROKEN)
    before = scene.space.selector(apps.BACKEND)
    scene.swap()
    scene.refused("failed its smoke check")
    scene.expect(scene.space.selector(apps.BACKEND) == before, "one of the two was moved")
    front_end["release"] = good
    scene.swap()
    scene.up("taken back")


def killed_between(scene: Scene) -> None:
    """The engine dies when one front or both have moved; the next `up` ends it."""
    killed_at_the_front(scene)
    fronts = {one: scene.space.selector(one)[INSTANCE] for one in (apps.BACKEND, apps.SERVICE)}
    wanted = {one: f"{one}-{scene.active}" for one in fronts}
    scene.expect(fronts == wanted, f"the fronts are apart: {fronts}")


OF_VERSIONS: Mapping[str, Play] = {
    "the front moves": cutover,
    "there and back": rollback,
    "there and back, consumers at a version's own address": with_consumers,
    "another version and the move to it in one edit": another_version,
    "left and removed in one edit": leave_and_remove,
    "killed when the front has moved": killed_at_the_front,
}
OF_ENVIRONMENTS: Mapping[str, Play] = {
    "switch": cutover,
    "there and back": rollback,
    "left and removed in one edit": leave_and_remove,
    "broken: smoke check": refused,
    "killed between the fronts": killed_between,
}


def cells() -> list[Cell]:
    """All of them."""
    versions = Stage("beside/versions", apps.side_by_side())
    environments = Stage("beside/environments", {}, environments=apps.environments(**BUILDS), hops=2)
    return [
        *(Cell(versions, name, play, DRAINED, prepare=all_there) for name, play in OF_VERSIONS.items()),
        *(Cell(environments, name, play, DRAINED, prepare=paired) for name, play in OF_ENVIRONMENTS.items()),
    ]
