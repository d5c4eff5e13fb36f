"""Cells of two services that cut over together: a front end that asks an API before it answers.

An answer names both releases where they differ (traffic/responder/server.py), and no answer of any cell may. The
cluster has no DNS, so the front end is told the address of the API's Service of its own color, which never moves.
"""

from collections.abc import Callable, Mapping

from traffic import apps
from traffic.blue_green import cutover, rollback, ten_cutovers
from traffic.cells import DRAINED, Bar, Cell, Json, Stage
from traffic.kills import up_again, up_killed
from traffic.scene import Scene
from traffic.space import COLOR

Play = Callable[[Scene], None]


def meet(scene: Scene) -> None:
    """Before the traffic: the front end of each color gets to know the API of that color."""
    for color in ("blue", "green"):
        _pair(scene, color, str(scene.service[color]["version"]))
    scene.up()


def release_and_cutover(scene: Scene) -> None:
    """Both services get a release and are switched to it in one edit."""
    _pair(scene, scene.idle, _unused(scene))
    scene.swap()
    scene.up()


def at_once(scene: Scene) -> None:
    """Neither switch waits for the other one."""
    assert scene.group is not None  # noqa: S101 - a cell of groups
    scene.group["switch"] = "at-once"
    rollback(scene)
    del scene.group["switch"]


def broken(which: str) -> Play:
    """One member's release fails its smoke check: neither is moved; then the edit is taken back."""

    def play(scene: Scene) -> None:
        member = scene.service if which == apps.SERVICE else scene.backend or {}
        good, color = dict(member[scene.idle]), scene.idle
        member[color] = apps.release(apps.BROKEN)
        scene.swap()
        before = scene.space.selector(apps.BACKEND)
        scene.refused("failed its smoke check")
        scene.expect(scene.space.selector(apps.BACKEND) == before, "one of the two was moved")
        member[color] = good
        scene.swap()
        scene.up("taken back")

    return play


def killed_between(scene: Scene) -> None:
    """The engine dies when the API is switched and the front end is not; the next `up` ends it."""
    color = scene.idle
    scene.swap()

    def split(_: object) -> bool:
        return scene.space.selector(apps.BACKEND).get(COLOR) == color

    if up_killed(scene, "between the two switches", split, "engine and program"):
        scene.facts["kills"] = 1
    up_again(scene)
    scene.expect(split(None) and scene.space.live_color() == color, "the group is split")


SCENARIOS: Mapping[str, Play] = {
    "cutover": cutover,
    "cutover and rollback": rollback,
    "release and cutover in one edit": release_and_cutover,
    "at once, and back": at_once,
    "broken: smoke check of the front": broken(apps.SERVICE),
    "broken: smoke check of the back": broken(apps.BACKEND),
    "killed between the switches": killed_between,
    "ten cutovers": ten_cutovers,
}


def _unused(scene: Scene) -> str:
    taken = {scene.service[color]["version"] for color in ("blue", "green")}
    return next(version for version in apps.GOOD if version not in taken)


def _pair(scene: Scene, color: str, version: str) -> None:
    assert scene.backend is not None  # noqa: S101 - a cell of groups
    scene.backend[color] = apps.release(version)
    address = scene.space.url(f"{apps.BACKEND}-{color}")
    scene.service[color] = apps.release(version, apps.DRAINS | {"RESPONDER_BACKEND": address})


def _member(workload: str, standby: int | None) -> Json:
    made = apps.blue_green(workload, standby)
    del made["active"]  # the group's
    return made


def stages() -> list[Stage]:
    """Both workloads, one with a full standby and one with a small one."""
    group = {"active": "blue", "services": [apps.BACKEND, apps.SERVICE]}
    return [
        Stage(
            f"groups/{workload}/standby-{name}",
            _member(workload, size),
            backend=_member(workload, size),
            group=group,
            hops=2,
        )
        for workload, name, size in (("deployment", "full", None), ("replica-set", "1", 1))
    ]


def cells() -> list[Cell]:
    """Every scenario on every stage."""
    bar: Bar = DRAINED
    return [Cell(stage, name, play, bar, prepare=meet) for stage in stages() for name, play in SCENARIOS.items()]
