"""Cells of adoption: a Deployment and a Service made by hand are taken over, and the first cutover follows, under load.

How the pods of before stop is their owner's: with a preStop pause, without one but saying `Connection: close` when
they are told to, and as podinfo does, without a word. In the last case kept connections may lose a request, which
nothing here can help: those cells only measure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from traffic import apps
from traffic.cells import DRAINED, KINDS, MEASURED, PODINFO_KINDS, Bar, Cell, Json, Stage
from traffic.errors import TrafficError
from traffic.scene import Scene
from traffic.space import Space

Play = Callable[[Scene], None]
SELECTOR = {"app": apps.SERVICE}
REPLICAS = 2
PAUSE_SECONDS = 2
WITHOUT_A_WORD = Bar(failed=None, why="the pods of before close kept connections without a word; docs/limits.md")


@dataclass(frozen=True)
class Before:
    """How what was there before stops."""

    name: str
    env: Mapping[str, str]
    pause: bool
    bar: Bar

    @property
    def image(self) -> str:
        """What its pods run."""
        return str(apps.release(apps.GOOD[0], self.env)["image"])

    @property
    def kinds(self) -> tuple[str, ...]:
        """The clients that it knows how to answer."""
        return PODINFO_KINDS if self.env == apps.AS_GO_DOES else KINDS

    def build(self, space: Space) -> None:
        """Make the Deployment and its Service as somebody with kubectl would."""
        space.make([self._deployment()], _service())
        space.wait_available(apps.SERVICE, REPLICAS)

    def _deployment(self) -> Json:
        container: Json = {
            "name": "web",
            "image": self.image,
            "ports": [{"containerPort": 9898}],
            "env": [{"name": key, "value": value} for key, value in self.env.items()],
            "readinessProbe": {"httpGet": {"path": "/readyz", "port": 9898}, "periodSeconds": 1},
            "resources": {"requests": {"cpu": "100m", "memory": "32Mi"}},
        }
        if self.pause:
            container["lifecycle"] = {"preStop": {"sleep": {"seconds": PAUSE_SECONDS}}}
        template = {"metadata": {"labels": SELECTOR}, "spec": {"containers": [container]}}
        spec = {"replicas": REPLICAS, "selector": {"matchLabels": SELECTOR}, "template": template}
        return {"metadata": {"name": apps.SERVICE, "labels": SELECTOR}, "spec": spec}


def _service() -> Json:
    spec = {"selector": SELECTOR, "ports": [{"port": 80, "targetPort": 9898}]}
    return {"metadata": {"name": apps.SERVICE, "labels": SELECTOR}, "spec": spec}


PAUSED = Before("with a preStop hook", apps.DRAINS, pause=True, bar=DRAINED)
ANNOUNCED = Before(
    "no preStop hook, says close",
    apps.DRAINS,
    pause=False,
    bar=replace(DRAINED, why="what stops says so on each kept connection first, and is still there for a second"),
)
SILENT = Before("no preStop hook, without a word", apps.AS_GO_DOES, pause=False, bar=WITHOUT_A_WORD)


def first_cutover(scene: Scene) -> None:
    """Adopted as blue, a release beside it, and the traffic moves there."""
    _adopt(scene)
    scene.new_release("green", None)
    scene.up("a release beside it")
    scene.swap()
    scene.up("first cutover")


def back_and_on(scene: Scene) -> None:
    """Back to what was adopted and forth again; then blue gets a release, which removes that for good."""
    for label in ("back", "forth"):
        scene.swap()
        scene.up(label)
    scene.new_release("blue", None)
    scene.up("a release in its place")
    scene.swap()
    scene.up("cutover to it")


def hand_over(scene: Scene) -> None:
    """Adopted as a rolling service, whose first release takes over in one `up`; then an update."""
    _adopt(scene)
    for number in (1, 2):
        scene.service["release"] = apps.release(apps.GOOD[number], build=number)
        scene.up("handed over" if number == 1 else "update", hold=False)
        scene.space.wait_for_leavers()
        scene.see(scene.version())


def _adopt(scene: Scene) -> None:
    """The import alone; no pod restarts for it, and no pod comes."""
    before = _pods(scene)
    scene.up("adopted")
    if _pods(scene) != before:
        raise TrafficError("a pod was stopped or started by the adoption")


def _pods(scene: Scene) -> set[str]:
    return scene.space.uids(SELECTOR)


def _adopted(before: Before) -> Json:
    return {
        "version": apps.GOOD[0],
        "build": 0,
        "image": before.image,
        "adopt": {"deployment": apps.SERVICE, "selector": SELECTOR},
    }


def _blue_green(before: Before) -> Json:
    made = apps.blue_green(adopt_service=True, blue=_adopted(before))
    del made["green"]
    return made


def cells() -> list[Cell]:
    """Into both kinds of service, from each of three ways to stop."""
    made = []
    for before in (PAUSED, ANNOUNCED, SILENT):
        two = Stage(f"adoption/blue-green, {before.name}", _blue_green(before), build=before.build)
        plays: dict[str, Play] = {"adopted, and the first cutover": first_cutover}
        if str(before.bar) != MEASURED:
            plays["back, forth, and a release in its place"] = back_and_on
        made += [Cell(two, name, play, before.bar, kinds=before.kinds) for name, play in plays.items()]
        service = apps.rolling(adopt_service=True, release=_adopted(before))
        one = Stage(f"adoption/rolling, {before.name}", service, build=before.build)
        made.append(Cell(one, "adopted and handed over", hand_over, before.bar, kinds=before.kinds))
    return made
