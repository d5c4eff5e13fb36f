"""Cells of blue/green releases, each with both workloads and with a full, a small and no standby."""

import time
from collections.abc import Callable

from traffic import apps
from traffic.cells import AS_GO_DOES, DRAINED, KEPT, KINDS, OPEN_CONNECTIONS, PODINFO_KINDS, ZERO, Bar, Cell, Stage
from traffic.scene import Scene
from traffic.space import set_readiness

Play = Callable[[Scene], None]

# An application that does not finish what it has in hand loses, when it ends, at most one request per open connection.
CUT_OFF = Bar(
    failed=OPEN_CONNECTIONS,
    kinds=KEPT,
    raced=OPEN_CONNECTIONS,
    why="one request in hand on each of 17 kept connections when the process ends; new connections lose none",
)
_INTO_THE_GATE_SECONDS = 3.0  # the program starts in less than two


def cutover(scene: Scene) -> None:
    """Both colors as they stand; only `active` is edited."""
    scene.swap()
    scene.up()


def cold_cutover(scene: Scene) -> None:
    """The other color has to grow first: it gets more pods in the same edit."""
    scene.swap()
    scene.service["replicas"] = 3
    scene.up()
    scene.service["replicas"] = 2
    scene.up("up, fewer pods")


def release_and_cutover(scene: Scene) -> None:
    """A new release and the switch to it in one edit."""
    scene.new_release(scene.idle)
    scene.swap()
    scene.up()


def rollback(scene: Scene) -> None:
    """There, and straight back."""
    scene.swap()
    scene.up("cutover", hold=False)
    scene.swap()
    scene.up("rollback")


def ten_cutovers(scene: Scene) -> None:
    """Back and forth while load runs."""
    for number in range(10):
        scene.swap()
        scene.up(f"cutover {number + 1}", hold=number == 9)


def broken(tag: str, *words: str) -> Play:
    """A release that must be refused; then the edit is taken back."""

    def play(scene: Scene) -> None:
        good = dict(scene.service)
        scene.service[scene.idle] = apps.release(tag)
        scene.service["progress_deadline_seconds"] = 2
        scene.swap()
        scene.refused(*words)
        scene.service.clear()
        scene.service.update(good)
        scene.up("taken back")

    return play


def turns_bad(scene: Scene) -> None:
    """The idle color gets unready while its smoke check runs: the gate asks for readiness again after it."""
    scene.new_release(scene.idle)  # what served before is not asked by a smoke check
    scene.up("released")
    before = dict(scene.service)
    pods = int(scene.service["replicas"])
    if len(scene.space.staying(scene.idle)) < pods:
        scene.service["standby_replicas"] = pods
        scene.up("grow")
    victims = scene.space.staying(scene.idle)
    scene.service |= {"gate_timeout_seconds": 5, "smoke": apps.SMOKE | {"successes": 40, "timeout_seconds": 15}}
    scene.swap()
    start, live = time.monotonic(), scene.space.live_color()

    def turn() -> None:
        scene.mark("turns bad")
        for pod in victims:
            set_readiness(pod, ready=False)

    outcome = scene.during_up(turn, lambda: time.monotonic() - start > _INTO_THE_GATE_SECONDS)
    scene.expect(outcome.exit_code != 0, "`pulumi up` let pods through that got unready during the smoke check")
    scene.expect("Refused before the switch" in outcome.output, f"`pulumi up` said: {outcome.output.strip()[-600:]}")
    scene.expect(scene.space.live_color() == live, "the live Service was moved")
    for pod in victims:
        set_readiness(pod, ready=True)
    scene.service.clear()
    scene.service.update(before)
    scene.swap()
    scene.up("well again")


def live_edit(scene: Scene) -> None:
    """Another release on the color that serves, where that is allowed."""
    scene.service["allow_in_place_updates"] = True
    scene.new_release(scene.active)
    scene.up()
    scene.service["allow_in_place_updates"] = False
    scene.up("forbidden again")


def settings(scene: Scene) -> None:
    """More pods, other resources, another value of the configuration, and back."""
    before = dict(scene.service)
    scene.service["replicas"] = 3
    scene.up("3 pods")
    # fewer millicores, not more: two stages at once have to fit on the node while old and new pods overlap
    scene.service["resources"] = {"requests": {"cpu": "60m", "memory": "40Mi"}}
    scene.up("resources")
    scene.service["config"] = {"PODINFO_UI_MESSAGE": "hello"}
    scene.up("config")
    scene.service.clear()
    scene.service.update(before)
    scene.up("back")


def live_with(env: dict[str, str], *, both: bool = False, grace_seconds: int = 30, drain_seconds: int = 2) -> Play:
    """Before the traffic: the live release ends in a certain way, the other one, unless `both`, as it should."""

    def prepare(scene: Scene) -> None:
        scene.service |= {"termination_grace_seconds": grace_seconds, "drain_seconds": drain_seconds}
        scene.new_release(scene.idle, env)
        scene.swap()
        scene.up()
        scene.new_release(scene.idle, env if both else None)
        scene.up()

    return prepare


SCENARIOS: dict[str, tuple[Play, Bar]] = {
    "cutover": (cutover, DRAINED),
    "cutover, cold": (cold_cutover, DRAINED),
    "release and cutover in one edit": (release_and_cutover, DRAINED),
    "cutover and rollback": (rollback, DRAINED),
    "ten cutovers": (ten_cutovers, DRAINED),
    "broken: never ready": (broken(apps.UNREADY), ZERO),
    "broken: crash loop": (broken(apps.CRASH), ZERO),
    "broken: missing image": (broken(apps.MISSING), ZERO),
    "broken: smoke check": (broken(apps.BROKEN, "failed its smoke check"), ZERO),
    "turns bad in the gate": (turns_bad, DRAINED),
    "edit of the live release": (live_edit, DRAINED),
    "replicas, resources, config": (settings, DRAINED),
}
# The release that serves before the cutover is one that ends in this way.
ENDINGS: dict[str, tuple[Play, Bar]] = {
    "app drains as Go's server does": (live_with(apps.AS_GO_DOES), AS_GO_DOES),
    # The drain is longer than the slowest request (2 s), as docs/limits.md advises for such an application.
    "app exits at once": (live_with(apps.EXITS_AT_ONCE, drain_seconds=4), CUT_OFF),
    "app ignores SIGTERM": (live_with(apps.IGNORES_SIGTERM, grace_seconds=6), CUT_OFF),
    "app takes 20 s to stop": (live_with(apps.DRAINS, both=True), DRAINED),
}


_KINDS = {"app drains as Go's server does": PODINFO_KINDS, "app takes 20 s to stop": (*KINDS, "very-slow")}


def stages() -> list[Stage]:
    """Workloads times standbys."""
    return [
        Stage(f"blue-green/{workload}/standby-{name}", apps.blue_green(workload, standby))
        for workload in ("deployment", "replica-set")
        for name, standby in (("full", None), ("1", 1), ("0", 0))
    ]


# What `make test` plays: a few minutes.
FAST = {
    "blue-green/deployment/standby-full": {"cutover", "broken: smoke check"},
    "blue-green/replica-set/standby-0": {"cutover", "app exits at once"},
}


def cells() -> list[Cell]:
    """Every scenario on every stage."""
    made = []
    for stage in stages():
        fast = FAST.get(stage.name, set())
        for name, (play, bar) in SCENARIOS.items():
            made.append(Cell(stage, name, play, bar, fast=name in fast))
        for name, (prepare, bar) in ENDINGS.items():
            kinds = _KINDS.get(name, KINDS)
            made.append(Cell(stage, name, cutover, bar, prepare=prepare, kinds=kinds, fast=name in fast))
    return made
