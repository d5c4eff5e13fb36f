"""Cells of faults while a release runs: kills, parts of the cluster that stop, hands that interfere."""

import threading
import time
from collections.abc import Callable

from traffic import apps, lost_states, rolling
from traffic.cells import DRAINED, OPEN_CONNECTIONS, ZERO, Bar, Cell, Stage
from traffic.errors import TrafficError
from traffic.kills import LOCKED, Victim, kill_at_every_step, up_again, up_killed
from traffic.scene import Scene
from traffic.space import set_readiness

Play = Callable[[Scene], None]

POD_KILLED = Bar(
    failed=120,
    raced=OPEN_CONNECTIONS,
    why="a pod that serves is killed without notice: what it has, and what is sent there until kube-proxy knows",
)
MEASURED = Bar(failed=None, why="the data path itself is stopped, or all pods that serve: see docs/limits.md")


def killed(victim: Victim) -> Play:
    """Cutovers killed at every step, each carried on by the next `up`."""

    def play(scene: Scene) -> None:
        count = kill_at_every_step(scene, scene.swap, victim)
        scene.facts["kills"] = count
        scene.expect(count >= 3, f"only {count} steps to kill at")  # before, at and after the switch
        scene.see(scene.version())

    return play


def update_killed(victim: Victim) -> Play:
    """Rolling updates killed at every step and when half of the pods are new, each carried on by the next `up`."""

    def edit_of(scene: Scene) -> None:
        scene.service["release"] = rolling.other_release(scene)

    def play(scene: Scene) -> None:
        count = kill_at_every_step(scene, lambda: edit_of(scene), victim)
        edit_of(scene)
        image = str(scene.service["release"]["image"])
        half = up_killed(scene, "half of it", lambda _: rolling.is_half_done(scene, image), victim)
        up_again(scene)
        scene.facts["kills"] = count + half
        scene.expect(count + half >= 2, f"only {count + half} steps to kill at")

    return play


def stopped(component: str, seconds: float, when: str) -> Play:
    """A part of the cluster stands still for a while, from a moment of a cutover on."""

    def play(scene: Scene) -> None:
        color = scene.idle
        scene.swap()
        start = time.monotonic()
        moments: dict[str, Callable[[], bool]] = {
            "the start": lambda: time.monotonic() - start > 0.2,
            "the gate": lambda: time.monotonic() - start > 1.5,
            "the switch": scene.space.gate_passed,
            "the drain": lambda: scene.space.live_color() == color,
        }
        timers: list[threading.Timer] = []

        def stop() -> None:
            timers.append(threading.Timer(seconds, lambda: scene.cluster.resume(component)))
            timers[0].start()
            scene.cluster.pause(component)
            scene.mark(f"{component} stops")

        outcome = scene.during_up(stop, moments[when])
        timers[0].join()
        scene.mark(f"{component} goes on")
        scene.facts["first up"] = "done" if outcome.exit_code == 0 else "failed"
        _converge(scene)

    return play


def controllers_stopped(scene: Scene) -> None:
    """No pod gets made and no endpoint moves: `up` waits, says for what, and traffic stays whole."""
    scene.cluster.pause("kube-controller-manager")
    try:
        scene.mark("controllers stop")
        scene.swap()
        warm = scene.try_up("cutover")
    finally:
        scene.cluster.resume("kube-controller-manager")
        scene.mark("controllers go on")
    scene.expect(warm.exit_code != 0, "`pulumi up` succeeded although no endpoint can have moved")
    scene.expect("still sends to" in warm.output, f"it did not say what it waited for: {warm.output.strip()[-500:]}")
    _converge(scene)


def controllers_stopped_before_growth(scene: Scene) -> None:
    """The standby cannot grow: nothing gets ready, so the gate is not even reached."""
    scene.service |= {"progress_deadline_seconds": 5, "gate_timeout_seconds": 5, "replicas": 3}
    scene.swap()
    scene.cluster.pause("kube-controller-manager")
    try:
        scene.mark("controllers stop")
        live = scene.space.live_color()
        outcome = scene.try_up("cutover")
        scene.expect(outcome.exit_code != 0, "`pulumi up` succeeded although no pod can have been made")
        scene.expect(scene.space.live_color() == live, "the live Service was moved to a color that is not whole")
        scene.facts["says"] = next((line.strip() for line in outcome.output.splitlines() if "error" in line), "")[:160]
    finally:
        scene.cluster.resume("kube-controller-manager")
        scene.mark("controllers go on")
    scene.service["progress_deadline_seconds"] = 60
    _converge(scene)
    scene.service["replicas"] = 2
    scene.up("as before")


def pod_killed(when: str) -> Play:
    """A pod of the color that is about to serve, or has begun to, is killed without notice."""

    def play(scene: Scene) -> None:
        color = scene.idle
        scene.swap()
        start = time.monotonic()
        moments: dict[str, Callable[[], bool]] = {
            "before": lambda: time.monotonic() - start > 0.2,
            "during": scene.space.gate_passed,
            "after": lambda: scene.space.live_color() == color,
        }

        def kill() -> None:
            scene.space.end_pod(scene.space.staying(color)[0], grace_seconds=0)
            scene.mark("pod killed")

        outcome = scene.during_up(kill, moments[when])
        scene.facts["first up"] = "done" if outcome.exit_code == 0 else "failed"
        _converge(scene)
        scene.space.wait_ready(color, int(scene.service["replicas"]))

    return play


def turns_bad(count: int) -> Play:
    """Pods of the new color turn unready between the gate and the switch, and well 6 s after the `up` has ended."""

    def play(scene: Scene) -> None:
        color = scene.idle
        victims = scene.space.staying(color)[:count]
        scene.swap()

        def turn() -> None:
            for pod in victims:
                set_readiness(pod, ready=False)
            scene.mark(f"{count} of 2 turn bad")

        outcome = scene.during_up(turn, scene.space.gate_passed)
        scene.facts["first up"] = "done" if outcome.exit_code == 0 else "failed"
        if count == 2:
            scene.expect("it has no ready endpoint" in outcome.output, "`pulumi up` called the cutover complete")
        time.sleep(6)
        for pod in victims:
            set_readiness(pod, ready=True)
        scene.mark("well again")
        _converge(scene)
        scene.space.wait_ready(color, 2)

    return play


def two_at_once(scene: Scene) -> None:
    """The first performs the cutover; the second, half a second later, is refused and changes nothing."""
    scene.swap()
    first = scene.begin_up("two ups")
    time.sleep(0.5)
    second = scene.project.begin("up", "--yes", "--skip-preview").outcome()
    scene.mark("one is refused")
    scene.expect(second.exit_code != 0 and LOCKED in second.output, f"the second one said: {second.output[-600:]}")
    done = first.outcome()
    scene.mark("the other returned")
    scene.expect(done.exit_code == 0, f"the first one said: {done.output.strip()[-600:]}")
    scene.see(scene.version())
    again = scene.up("up again")
    scene.expect(lost_states.changed_nothing(again.output), "the state is not whole")


def selector_by_hand(scene: Scene) -> None:
    """Somebody moves the live Service to the idle color by hand; the next `up` says so and moves it back."""
    scene.space.patch_live({"spec": {"selector": scene.space.selector(f"{apps.SERVICE}-{scene.idle}")}})
    scene.mark("moved by hand")
    time.sleep(2)
    outcome = scene.up("up")
    scene.expect("switching it back" in outcome.output, f"`pulumi up` did not say so: {outcome.output.strip()[-600:]}")
    _converge(scene)


def _converge(scene: Scene) -> None:
    """The next `up` ends at what the config says, and only that answers."""
    for _ in range(2):  # a fault may have outlasted the first one
        outcome = scene.try_up("up again")
        if LOCKED in outcome.output:
            up_again(scene)
            return
        if outcome.exit_code == 0:
            break
    else:
        raise TrafficError(f"`pulumi up` fails again and again:\n{outcome.output.strip()[-1500:]}")
    scene.space.wait_for_leavers()
    scene.expect(scene.space.live_color() == scene.active, "the live Service is not where the config says")
    scene.see(scene.version())


_STOPS: list[tuple[str, float, str, Bar]] = [
    ("kube-apiserver", 10, "the start", DRAINED),
    ("kube-apiserver", 10, "the switch", DRAINED),
    ("kube-apiserver", 10, "the drain", DRAINED),
    ("etcd", 5, "the switch", DRAINED),
    ("kube-proxy", 1.5, "the switch", DRAINED),
    ("kube-proxy", 8, "the switch", MEASURED),
]


def cells() -> list[Cell]:
    """All of them, on a stage where nothing else plays."""
    stage = Stage("faults/cutover", apps.blue_green(), alone=True)
    victims: tuple[Victim, Victim] = ("engine", "engine and program")
    made = [Cell(stage, f"kill -9 of {victim} at every step", killed(victim), DRAINED) for victim in victims]
    for component, seconds, when, bar in _STOPS:
        name, fast = f"{component} stops for {seconds:g} s at {when}", (component, when) == ("etcd", "the switch")
        made.append(Cell(stage, name, stopped(component, seconds, when), bar, fast=fast))
    made += [
        Cell(stage, "no controllers during a cutover", controllers_stopped, DRAINED),
        Cell(stage, "no controllers, standby must grow", controllers_stopped_before_growth, DRAINED),
        Cell(stage, "new pod killed before the switch", pod_killed("before"), DRAINED),
        Cell(stage, "new pod killed at the switch", pod_killed("during"), POD_KILLED),
        Cell(stage, "new pod killed after the switch", pod_killed("after"), POD_KILLED),
        Cell(stage, "1 of 2 pods turns bad at the switch", turns_bad(1), DRAINED),
        Cell(stage, "2 of 2 pods turn bad at the switch", turns_bad(2), MEASURED),
        Cell(stage, "two ups at once", two_at_once, DRAINED),
        Cell(stage, "live selector edited by hand", selector_by_hand, DRAINED),
        Cell(stage, "state file truncated", lost_states.truncated, ZERO),
        Cell(stage, "state file lost, taken from the cluster", lost_states.lost, DRAINED),
        Cell(stage, "state file lost, taken from a copy", lost_states.restored, DRAINED),
    ]
    stage = Stage("faults/rolling", apps.rolling(replicas=4), alone=True)
    made += [Cell(stage, f"kill -9 of {victim} at every step", update_killed(victim), DRAINED) for victim in victims]
    return made
