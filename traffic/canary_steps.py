"""The steps of a canary, whatever makes its share: there, back, ten in a row, and one at which something happens."""

from collections.abc import Callable
from dataclasses import dataclass

from traffic.errors import TrafficError
from traffic.scene import Scene

Play = Callable[[Scene], None]


@dataclass(frozen=True)
class Steps:
    """The `weights` of one kind of share, in their order; `held` holds the answers to one of them, or to 0."""

    weights: tuple[int, ...]
    held: Callable[[Scene, int], None]

    def take(self, scene: Scene, weight: int) -> None:
        """One edit, one `up`, and the share that it should make."""
        edit(scene, weight)
        scene.up(f"{weight} %", hold=False)
        self.held(scene, weight)

    def up_and_over(self, scene: Scene) -> None:
        """From nothing by each step to the cutover."""
        for weight in self.weights:
            self.take(scene, weight)
        scene.swap()
        self.take(scene, 0)

    def back_from_each(self, scene: Scene) -> None:
        """From each step straight back."""
        for weight in self.weights:
            self.take(scene, weight)
            self.take(scene, 0)

    def ten_in_a_row(self, scene: Scene) -> None:
        """Ten releases, each with the least share of the users first, and then with all of them."""
        for _ in range(10):
            scene.new_release(scene.idle)
            self.take(scene, self.weights[0])
            scene.swap()
            self.take(scene, 0)


def edit(scene: Scene, weight: int) -> None:
    """Write the weight into the config; none for 0."""
    scene.service.pop("canary", None)
    if weight:
        scene.service["canary"] = {"weight": weight}


def during(scene: Scene, act: Callable[[], None], there: Callable[[], bool], label: str) -> None:
    """An `up` during which something happens, once `there` says so. Where it fails for that, the next one has to go
    on.
    """
    outcome = scene.during_up(act, there, label)
    for _ in range(2):
        if outcome.exit_code == 0:
            return
        outcome = scene.try_up("up again")
    if outcome.exit_code:
        raise TrafficError(f"`pulumi up` fails again and again:\n{outcome.output.strip()[-1500:]}")
