"""Cells of pods that are more than one container with a port: a proxy that serves, gRPC, two ports, a StatefulSet."""

from traffic import apps
from traffic.blue_green import cutover, release_and_cutover, rollback
from traffic.cells import DRAINED, GRPC_KINDS, Cell, Json, Stage
from traffic.responder.image import REPOSITORY
from traffic.rolling import update

BEHIND = "9899"  # where the application listens behind a proxy that has its port
MORE_PORT = 9797
_IMAGE = f"{REPOSITORY}:{apps.GOOD[0]}"


def _proxy(**more: Json | str) -> Json:
    """A container that takes the connections to the application's port and passes them on, as a mesh's does."""
    forward = {"name": "RESPONDER_FORWARD", "value": f"127.0.0.1:{BEHIND}"}
    room = {"requests": {"cpu": "50m", "memory": "32Mi"}}  # without it the proxy gets what CPU all others leave
    ports = [{"containerPort": 9898}]
    return {"name": "proxy", "image": _IMAGE, "env": [forward], "ports": ports, "resources": room, **more}


def sidecar() -> Json:
    """The fragment with a proxy beside the application: both are told to stop at once, after the same pause."""
    pause: Json = {"preStop": {"sleep": {"seconds": 2}}}
    return {"spec": {"containers": [_proxy(lifecycle=pause)]}}


def native_sidecar() -> Json:
    """The fragment with a proxy that starts before the application and is told to stop after its end."""
    return {"spec": {"initContainers": [_proxy(restartPolicy="Always")]}}


def cells() -> list[Cell]:
    """All of them."""
    behind: Json = {"env": {"RESPONDER_PORT": BEHIND}}
    made = []
    for name, pod in (("proxy", sidecar()), ("native sidecar", native_sidecar())):
        stage = Stage(f"pods/{name}", apps.blue_green(pod=pod, **behind), hops=2)
        made += [
            Cell(stage, "cutover", cutover, DRAINED),
            Cell(stage, "release and cutover in one edit", release_and_cutover, DRAINED),
        ]
        rolled = Stage(f"pods/{name}, rolling", apps.rolling(pod=pod, **behind), hops=2)
        made.append(Cell(rolled, "update", update, DRAINED))
    two = apps.blue_green(ports={"more": MORE_PORT}, env={"RESPONDER_MORE_PORT": str(MORE_PORT)})
    stage = Stage("pods/two ports", two, ports=2)
    made += [Cell(stage, "cutover and rollback", rollback, DRAINED)]
    stage = Stage("pods/grpc", apps.blue_green())
    made += [
        Cell(stage, name, play, DRAINED, kinds=GRPC_KINDS)
        for name, play in (("cutover", cutover), ("release and cutover in one edit", release_and_cutover))
    ]
    stage = Stage("pods/grpc, rolling", apps.rolling())
    made += [Cell(stage, "update", update, DRAINED, kinds=GRPC_KINDS)]
    stage = Stage("pods/stateful set", apps.rolling(workload="stateful-set", replicas=3))
    made += [Cell(stage, "update", update, DRAINED)]
    return made
