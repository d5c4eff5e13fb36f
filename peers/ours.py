"""This project, by its driver: blue/green, rolling, and a canary made of pods."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from demo.project import Project
from peers.shell import must
from peers.testbed import DEADLINE_SECONDS, DRAIN_SECONDS, GOOD, REPLICAS, Testbed, image, version
from peers.way import Json, Way
from sandbox.pulumi import Engine
from traffic import apps
from traffic.apps import SERVICE

BAKE_SECONDS = 15
_COMMON: Json = {"replicas": REPLICAS, "drain_seconds": DRAIN_SECONDS, "progress_deadline_seconds": DEADLINE_SECONDS}


@dataclass(frozen=True)
class Ours(Way):
    """`cutover`."""

    engine: Engine
    peer: ClassVar[str] = "cutover"

    def deploy(self, stand: Testbed) -> None:
        """A project and a stack, and its first `up`."""
        environment = {"KUBECONFIG": stand.shell.environment["KUBECONFIG"]}
        project = Project(
            engine=self.engine, environment=environment, tick=lambda _: None, folder=stand.folder / "stack"
        )
        project.create()
        project.configure({"cutover:namespace": stand.space.name, "cutover:services": {SERVICE: self._service()}})
        stand.shell.folder = project.folder / "project"
        kept = stand.folder / "kept"
        own = {"CUTOVER_STACK": "dev", "XDG_STATE_HOME": str(kept)}
        stand.shell.environment = {**project.environ, **stand.shell.environment, **own}
        stand.shell.spent = partial(_spent, kept)
        must(stand.shell, "cutover up --yes")

    def release(self, stand: Testbed, tag: str) -> None:
        """One command; two for a canary, which is walked."""
        self._release(stand, tag, "")

    def watched(self, stand: Testbed, tag: str) -> None:
        """The same with a bake, which goes back by itself."""
        self._release(stand, tag, f" --bake {BAKE_SECONDS}s")

    def prepare(self, stand: Testbed, tag: str) -> None:
        """A release without `--promote`."""
        must(stand.shell, f"{self._command(stand, tag)} --yes")

    def switch(self, stand: Testbed) -> None:
        """`promote`."""
        stand.shell.run(f"cutover promote {SERVICE} --yes")

    def rollback(self, stand: Testbed) -> None:
        """The live Service first, the record after it; of a rolling service the release before."""
        how = " --now" if self.strategy == "blue-green" else ""
        stand.shell.run(f"cutover rollback {SERVICE}{how} --yes")

    def again(self, stand: Testbed, _tag: str) -> None:
        """`up` carries on with what the file says; the lock of a run that died is taken away first. The promotion that
        may not have begun is asked for again.
        """
        if stand.shell.run("cutover up --yes").exit_code == 4:
            stand.shell.run("pulumi cancel --yes")
            stand.shell.run("cutover up --yes")
        if self.strategy == "blue-green":
            self.switch(stand)

    def _release(self, stand: Testbed, tag: str, bake: str) -> None:
        command = self._command(stand, tag)
        if self.strategy == "rolling":
            stand.shell.run(f"{command} --roll-out{bake} --yes")
        elif self.strategy == "blue-green":
            stand.shell.run(f"{command} --promote{bake} --yes")
        elif stand.shell.run(f"{command} --yes").ok:
            stand.shell.run(f"cutover promote {SERVICE} --steps 25,50,100 --bake 5s --yes")

    def _command(self, stand: Testbed, tag: str) -> str:
        build = len(stand.shell.typed) + 1
        return f"cutover release {SERVICE} --version {version(tag)} --build {build} --image {image(tag)}"

    def _service(self) -> Json:
        good = apps.release(GOOD)
        if self.strategy == "rolling":
            return apps.rolling(**_COMMON, release=good, smoke=dict(apps.SMOKE))
        changes = _COMMON | {"env": good.pop("env"), "blue": good}
        if self.strategy == "canary":
            made = apps.blue_green("replica-set", cutover="labels", recycle=True, **changes)
        else:
            made = apps.blue_green(**changes)
        made.pop("green")
        return made


def _spent(kept: Path) -> Mapping[str, float]:
    """The seconds of the last command by part, from the document that it kept; none of one that was killed."""
    for path in kept.rglob("*.change.json"):
        document = json.loads(path.read_text())
        path.unlink()
        spent: dict[str, float] = document.get("spent", {})
        return {"driver": round(document["seconds"] - sum(spent.values()), 2), **spent}
    return {}
