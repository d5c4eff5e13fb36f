"""Cells of canaries through a real gateway, by a route of the service's own: every step, and what goes wrong at one.

The shares that clients see are held to the weights, and once a version is seen to be gone none of its answers may come.
"""

import time
from collections.abc import Callable

from traffic import apps
from traffic.canary_steps import Play, Steps, during, edit
from traffic.cells import DRAINED, OPEN_CONNECTIONS, Bar, Cell, Router, Stage
from traffic.edge import ISTIOD, PROXY, Edge
from traffic.faults import POD_KILLED
from traffic.scene import Scene

STEPS = (10, 50, 100)
GATEWAY_ENDS = Bar(
    raced=OPEN_CONNECTIONS,
    why="a gateway's pod that ends closes what clients keep open, whatever is released behind it",
)
_SOON_SECONDS = 0.2


def copies(scene: Scene) -> None:
    """Each request is answered once, and by the active color, however many are copied to the other one."""
    for percent in (10, 100):
        scene.service["canary"] = {"weight": 0, "mirror": percent}
        scene.up(f"copies of {percent} %")
    _CANARY.take(scene, 0)


def pods_end(grace_seconds: int | None) -> Play:
    """A pod of the new color ends while each step is taken; 0 seconds: it is killed."""

    def play(scene: Scene) -> None:
        for weight in STEPS:
            _during(scene, weight, lambda: scene.space.end_pod(scene.space.staying(scene.idle)[0], grace_seconds))
            scene.space.wait_ready(scene.idle, int(scene.service["replicas"]))
            _held(scene, weight)
        _CANARY.take(scene, 0)

    return play


def gateway_replaced(scene: Scene) -> None:
    """Its pod is replaced while a step is taken, as by a release of the gateway itself."""
    edge = Edge(scene.space.client)
    _during(scene, 50, lambda: edge.restart(PROXY))
    edge.wait_for(PROXY)
    _held(scene, 50)
    _CANARY.take(scene, 0)


def control_plane_killed(scene: Scene) -> None:
    """It is killed in each step, before and after the weights are written."""
    edge = Edge(scene.space.client)
    for weight in (*STEPS, 0):
        _during(scene, weight, lambda: edge.kill(ISTIOD), soon=True)
        edge.wait_for(ISTIOD)
        _during(scene, weight, lambda: edge.kill(ISTIOD), soon=True)
        edge.wait_for(ISTIOD)
        _held(scene, weight)


def control_plane_stopped(scene: Scene) -> None:
    """Nobody tells the gateway: an `up` says that nothing was seen to move, users stay where they are, and once it is
    back the next `up` goes on. There, and back.
    """
    edge, before = Edge(scene.space.client), 0
    for weight in (50, 0):
        edit(scene, weight)
        edge.scale(ISTIOD, 0)
        try:
            outcome = scene.try_up(f"{weight} %, nobody tells the gateway")
            scene.expect("route.unseen" in outcome.output, f"it did not say so: {outcome.output.strip()[-600:]}")
            _held(scene, before)
        finally:
            edge.scale(ISTIOD, 1)
        edge.wait_for(ISTIOD)
        scene.up("up again", hold=False)
        _held(scene, weight)
        before = weight


def _held(scene: Scene, weight: int) -> None:
    """Who answers now: both colors by their shares, or one alone."""
    if weight in (0, 100):
        scene.see(str(scene.service[scene.idle if weight else scene.active]["version"]))
    else:
        scene.share({scene.version(): 1 - weight / 100, str(scene.service[scene.idle]["version"]): weight / 100})


def _during(scene: Scene, weight: int, act: Callable[[], None], *, soon: bool = False) -> None:
    """A step during which something happens: when the weights are written, or, `soon`, at the start. Where its `up`
    fails for that, the next one has to go on.
    """
    idle = scene.idle
    edit(scene, weight)
    start = time.monotonic()

    def there() -> bool:
        if soon:
            return time.monotonic() - start > _SOON_SECONDS
        return (
            scene.space.weight(idle, "http_route" if "parents" in scene.service["route"] else "virtual_service")
            == weight
        )

    during(scene, act, there, f"{weight} %")


_CANARY = Steps(STEPS, _held)


def cells() -> list[Cell]:
    """All of them, by each kind of route."""
    kinds: dict[str, Router] = {"http route": "http_route", "virtual service": "virtual_service"}
    return [cell for name, router in kinds.items() for cell in _cells(name, router)]


def _cells(name: str, router: Router) -> list[Cell]:
    """Those that disturb the gateway are on a stage where nothing else plays."""
    # Two processes serve each request, the gateway's and the application's, on one machine.
    quiet = Stage(f"routes/{name}", apps.blue_green(), hops=2, routed=router)
    plays: dict[str, tuple[Play, Bar]] = {
        "0, 10, 50, 100 %, cutover": (_CANARY.up_and_over, DRAINED),
        "back from each step": (_CANARY.back_from_each, DRAINED),
        "copies": (copies, DRAINED),
        "new pods end at each step": (pods_end(None), DRAINED),
        "new pods killed at each step": (pods_end(0), POD_KILLED),
        "ten canaries": (_CANARY.ten_in_a_row, DRAINED),
    }
    faults = Stage(f"routes/{name}, faults", apps.blue_green(), hops=2, routed=router, alone=True)
    alone: dict[str, tuple[Play, Bar]] = {
        "istiod killed at each step": (control_plane_killed, DRAINED),
        "istiod stopped": (control_plane_stopped, DRAINED),
        "gateway's pod replaced": (gateway_replaced, GATEWAY_ENDS),
    }
    return [
        *(Cell(quiet, scenario, play, bar) for scenario, (play, bar) in plays.items()),
        *(Cell(faults, scenario, play, bar) for scenario, (play, bar) in alone.items()),
    ]
