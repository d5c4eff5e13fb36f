"""Helm, with two charts in `charts` and what its documentation offers for safety.

`--atomic` goes back by itself where pods do not get ready or a hook fails. The charts have a smoke check, a Job as a
`post-upgrade` hook that asks a Service. In the rolling chart it runs after the traffic has moved, as Helm has no moment
before. Blue/green is two Deployments and `active` as a value: one upgrade for the release, with the check of the idle
color, one for the switch, and one that scales the old Deployment down, 5 s later, so that kept connections move.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from peers.shell import must
from peers.testbed import DEADLINE_SECONDS, REPLICAS, Testbed, image, python, version
from peers.way import Way, wait_for_proxies
from traffic.apps import SERVICE

CHARTS = Path(__file__).with_name("charts")


@dataclass(frozen=True)
class Helm(Way):
    """`helm upgrade --atomic`."""

    peer: ClassVar[str] = "Helm"

    def deploy(self, stand: Testbed) -> None:
        """The chart, installed; its check runs with the Python that the application's image has."""
        shutil.copytree(CHARTS / ("rolling" if self.strategy == "rolling" else "colors"), stand.folder / "chart")
        must(stand.shell, f"helm install {SERVICE} ./chart --set python={python()} --wait --timeout 60s")

    def release(self, stand: Testbed, tag: str) -> None:
        """One upgrade; or one for the idle color, one for the switch, and one for the old pods."""
        if self.strategy == "rolling":
            self._upgrade(stand, f"image={image(tag)},version={version(tag)}")
        elif self._fill(stand, tag):
            self._switch(stand, "blue", "green")

    def prepare(self, stand: Testbed, tag: str) -> None:
        """The first of the three upgrades."""
        self._fill(stand, tag)

    def switch(self, stand: Testbed) -> None:
        """The two others."""
        self._switch(stand, "blue", "green")

    def rollback(self, stand: Testbed) -> None:
        """`helm rollback`; or the old color's pods, and the switch."""
        if self.strategy == "rolling":
            stand.shell.run(f"helm rollback {SERVICE} --wait --timeout 60s")
        elif self._upgrade(stand, f"blue.replicas={REPLICAS}"):
            self._switch(stand, "green", "blue")

    def again(self, stand: Testbed, tag: str) -> None:
        """A release whose upgrade was killed is `pending-upgrade`, and takes no other one before a rollback."""
        stand.shell.run(f"helm rollback {SERVICE} --wait --timeout 60s")
        self.release(stand, tag)

    def _fill(self, stand: Testbed, tag: str) -> bool:
        values = f"green.image={image(tag)},green.version={version(tag)},green.replicas={REPLICAS},check=green"
        return self._upgrade(stand, values)

    def _switch(self, stand: Testbed, old: str, new: str) -> None:
        if self._upgrade(stand, f"active={new},check="):
            wait_for_proxies(stand)
            self._upgrade(stand, f"{old}.replicas=0")

    def _upgrade(self, stand: Testbed, values: str) -> bool:
        line = f"helm upgrade {SERVICE} ./chart --reuse-values --set {values}"
        return stand.shell.run(f"{line} --atomic --timeout {DEADLINE_SECONDS}s").ok
