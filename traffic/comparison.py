"""The same application and load without this project: a bare Deployment, a patched Service; and with it."""

import time
from collections.abc import Callable
from typing import Any

import httpx2
from lightkube.resources.apps_v1 import Deployment
from lightkube.types import PatchType

from traffic import apps, blue_green, rolling
from traffic.cells import AS_GO_DOES, DRAINED, KINDS, PODINFO_KINDS, ZERO, Bar, Cell, Stage
from traffic.scene import Scene
from traffic.space import COLOR, INSTANCE, Space

Json = dict[str, Any]
REPLICAS = 4
MEASURED = Bar(failed=None, why="what others do, for comparison")
_UNDONE_SECONDS = 4.0  # until somebody notices and goes back
_WATCHED_SECONDS = 12.0


def _deployment(name: str, tag: str, labels: Json, *, probe: bool) -> Json:
    container: Json = {
        "name": "app",
        "image": _image(tag),
        "ports": [{"containerPort": 9898}],
        "env": [{"name": key, "value": value} for key, value in apps.AS_GO_DOES.items()],
        "resources": {"requests": {"cpu": "100m", "memory": "32Mi"}},
    }
    if probe:
        container["readinessProbe"] = {"httpGet": {"path": "/readyz", "port": 9898}, "periodSeconds": 1}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": REPLICAS, "selector": {"matchLabels": labels}, "template": template}
    return {"metadata": {"name": name}, "spec": spec}


def _image(tag: str) -> str:
    return str(apps.release(tag, apps.AS_GO_DOES)["image"])


def _service(selector: Json) -> Json:
    spec = {"selector": selector, "ports": [{"port": 80, "targetPort": 9898}]}
    return {"metadata": {"name": apps.SERVICE}, "spec": spec}


def bare(*, probe: bool) -> Callable[[Space], None]:
    """A Deployment as `kubectl create` makes it, with or without a readiness probe, and a Service."""

    def build(space: Space) -> None:
        labels = {INSTANCE: apps.SERVICE}
        space.make([_deployment(apps.SERVICE, apps.GOOD[0], labels, probe=probe)], _service(labels))
        space.wait_ready(None, REPLICAS)

    return build


def two_colors(space: Space) -> None:
    """Two Deployments with probes, and a Service that selects the blue one."""
    tags = {"blue": apps.GOOD[0], "green": apps.GOOD[1]}
    space.make([_deployment(color, tag, _color(color), probe=True) for color, tag in tags.items()])
    for color in tags:
        space.wait_ready(color, REPLICAS)
    space.make([], _service(_color("blue")))


def _color(color: str) -> Json:
    return {INSTANCE: apps.SERVICE, COLOR: color}


def _set_image(scene: Scene, name: str, tag: str) -> None:
    containers = [{"name": "app", "image": _image(tag)}]
    body = {"spec": {"template": {"spec": {"containers": containers}}}}
    scene.space.client.patch(Deployment, name, body, namespace=scene.space.name, patch_type=PatchType.STRATEGIC)


def set_image(scene: Scene) -> None:
    """`kubectl set image`."""
    scene.mark("set image")
    _set_image(scene, apps.SERVICE, apps.GOOD[1])
    time.sleep(_WATCHED_SECONDS)
    scene.space.wait_for_leavers()


def _point(scene: Scene, color: str) -> None:
    scene.space.patch_live({"spec": {"selector": {COLOR: color}}})
    scene.mark(f"patched to {color}")


def patch_and_delete(scene: Scene) -> None:
    """`kubectl patch service` to a warm color, and the old one is deleted."""
    _point(scene, "green")
    scene.space.client.delete(Deployment, "blue", namespace=scene.space.name)
    time.sleep(_WATCHED_SECONDS / 2)
    scene.space.wait_for_leavers()


def patch_with_image(tag: str, *, undo: bool) -> Callable[[Scene], None]:
    """The release and the patch in one go, as a manifest with both is applied; `undo` patches back."""

    def play(scene: Scene) -> None:
        scene.space.client.delete(Deployment, "green", namespace=scene.space.name)
        scene.wait("green to be gone", lambda: not scene.space.pods("green"))
        scene.space.make([_deployment("green", tag, _color("green"), probe=True)])
        _point(scene, "green")
        time.sleep(_UNDONE_SECONDS if undo else _WATCHED_SECONDS)
        if undo:
            _point(scene, "blue")
            time.sleep(_UNDONE_SECONDS)

    return play


def release_and_cutover(scene: Scene) -> None:
    """A new release and the switch to it in one edit."""
    scene.new_release(scene.idle, apps.AS_GO_DOES)
    scene.swap()
    scene.up()


def pods_that_crash_soon(scene: Scene) -> None:
    """A rolling update to a release whose pods crash within half a second of getting ready."""
    good = scene.service["release"]
    scene.service["release"] = apps.release(apps.GOOD[1], build=int(good["build"]) + 1)
    scene.service["progress_deadline_seconds"] = 10
    image = str(scene.service["release"]["image"])
    running = scene.begin_up("up")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for pod in scene.space.staying():
            if pod.image == image and pod.ready:
                _crash(pod.address)
        time.sleep(0.2)
    scene.facts["up"] = "failed" if running.outcome().exit_code else "succeeded"
    scene.service |= {"release": good | {"build": int(good["build"]) + 2}, "progress_deadline_seconds": 60}
    scene.up("back", hold=False)


def _crash(address: str) -> None:
    try:
        httpx2.get(f"http://{address}:9898/panic", timeout=1, trust_env=False)
    except httpx2.HTTPError:
        return  # that is how a process that ends answers


def without_recycling(scene: Scene) -> None:
    """A cutover that leaves the old pods alone: how many answers still come from them."""
    old = scene.version()
    scene.swap()
    outcome = scene.up(hold=False)
    scene.expect("`recycle` is off" in outcome.output, "`pulumi up` did not say that the old pods keep connections")
    scene.count("answers of the old release in 4 s", old, seconds=4)


def cells() -> list[Cell]:
    """What others do, what we do, and what each default of ours is for. All with podinfo as it is."""
    blue, green = (apps.release(tag, apps.AS_GO_DOES) for tag in apps.GOOD[:2])
    colors = apps.blue_green(replicas=REPLICAS, blue=blue, green=green)
    cut = Stage("comparison/cutover, blue-green", colors, alone=True)
    rolled = Stage("comparison/cutover, rolling", apps.rolling(replicas=REPLICAS, release=blue), alone=True)
    no_probe = Stage("comparison/bare Deployment", {}, alone=True, build=bare(probe=False))
    probe = Stage("comparison/Deployment with a probe", {}, alone=True, build=bare(probe=True))
    made = [
        _cell(no_probe, "new image", set_image, MEASURED),
        _cell(probe, "new image", set_image, MEASURED),
    ]
    patches: list[tuple[str, Callable[[Scene], None]]] = [
        ("to a warm color, old one deleted", patch_and_delete),
        ("with the release in one go", patch_with_image(apps.GOOD[1], undo=False)),
        ("to a release that crashes, undone after 4 s", patch_with_image(apps.CRASH, undo=True)),
    ]
    for number, (name, play) in enumerate(patches):
        stage = Stage(f"comparison/kubectl patch {number + 1}", {}, alone=True, build=two_colors)
        made.append(_cell(stage, name, play, MEASURED))
    made += [
        _cell(rolled, "new image", rolling.update_keeping(apps.AS_GO_DOES), AS_GO_DOES),
        _cell(cut, "to a warm color", blue_green.cutover, AS_GO_DOES),
        _cell(cut, "with the release in one go", release_and_cutover, AS_GO_DOES),
        _cell(cut, "to a release that crashes", blue_green.broken(apps.CRASH), ZERO),
    ]
    return made + _defaults()


def _cell(stage: Stage, name: str, play: Callable[[Scene], None], bar: Bar) -> Cell:
    return Cell(stage, name, play, bar, kinds=PODINFO_KINDS)


def _defaults() -> list[Cell]:
    made = []
    for seconds in (0, 1, 2, 5):
        for name, env in (("as Go's server", apps.AS_GO_DOES), ("at once", apps.EXITS_AT_ONCE)):
            release = apps.release(apps.GOOD[0], env)
            service = apps.rolling(replicas=REPLICAS, drain_seconds=seconds, release=release)
            bar = AS_GO_DOES if seconds and env == apps.AS_GO_DOES else MEASURED
            stage = Stage(f"defaults/drain {seconds} s, app ends {name}", service, alone=True)
            made.append(_cell(stage, "update", rolling.update_keeping(env), bar))
    for seconds in (10, 30):
        service = apps.blue_green(termination_grace_seconds=seconds)
        stage = Stage(f"defaults/grace {seconds} s, requests of 20 s", service, alone=True)
        bar = DRAINED if seconds == 30 else MEASURED
        made.append(Cell(stage, "cutover", blue_green.cutover, bar, kinds=(*KINDS, "very-slow")))
    for seconds in (0, 2):
        service = apps.rolling(replicas=REPLICAS, min_ready_seconds=seconds)
        stage = Stage(f"defaults/min ready {seconds} s, pods crash soon", service, alone=True)
        made.append(Cell(stage, "update", pods_that_crash_soon, MEASURED))
    stage = Stage("defaults/recycle off", apps.blue_green(recycle=False), alone=True)
    made.append(Cell(stage, "cutover", without_recycling, ZERO))
    return made
