"""Which release serves where the live Service selects by a label, and what is said where the labels are not as they
should be."""

from typing import Any

import pytest

from contract.annotations import COMPLETED, DETACHED, SERVES
from contract.labels import INSTANCE, LIVE
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from cutover.strategies.releases import id_of
from tests.unit.cutover.objects import NOW, V1, V2, blue_green, deployment, pod, service, view

Json = dict[str, Any]
CONFIG = blue_green(workload="replica-set", cutover="labels")


def live(serves: str = "blue", completed: str = "blue") -> Json:
    made = service()
    made["spec"]["selector"] = {INSTANCE: "shop", LIVE: "true"}
    revisions = {"blue": id_of(V1), "green": id_of(V2)}
    made["metadata"]["annotations"] = {COMPLETED: revisions[completed], SERVES: f"{serves}/{revisions[serves]}"}
    return made


def workload(color: str, release: Json, *, attached: bool, detached: bool = False, minutes: float = 60) -> Json:
    made = deployment(color, release, minutes=minutes)
    del made["spec"]["strategy"]
    made["metadata"]["name"] = f"shop-{color}"
    labels = made["spec"]["template"]["metadata"]["labels"]
    made["spec"]["template"]["metadata"]["labels"] = labels | ({LIVE: "true"} if attached else {})
    made["metadata"]["annotations"] = {DETACHED: "2026-01-01T00:00:00+00:00"} if detached else {}
    return made


def labeled(color: str, release: Json, *attached: bool) -> list[Json]:
    made = [pod(color, release, minutes=number) for number in range(len(attached))]
    for one, on in zip(made, attached, strict=True):
        one["metadata"]["labels"] |= {LIVE: "true"} if on else {}
    return made


def status(service: Json, workloads: list[Json], pods: list[Json], config: Json = CONFIG) -> ServiceStatus:
    return judge(view(shop=config), gather([service], workloads, pods, NOW))["shop"]


BLUE = workload("blue", V1, attached=True)
GREEN = workload("green", V2, attached=False, minutes=10)


def test_the_pods_tell_what_serves() -> None:
    found = status(live(), [BLUE, GREEN], [*labeled("blue", V1, True, True), *labeled("green", V2, False, False)])
    assert (found.live_color, found.live_revision, found.state, found.by_label) == ("blue", "1-0-0-b1", "paused", True)
    assert found.drift == ()
    assert found.colors["green"].role == "preview"


def test_what_was_detached_stands_by_whenever_the_service_was_last_changed() -> None:
    old = workload("green", V2, attached=False, detached=True, minutes=1)
    found = status(live(), [BLUE, old], [*labeled("blue", V1, True, True), *labeled("green", V2, False, False)])
    assert (found.colors["green"].role, found.state) == ("standby", "healthy")


@pytest.mark.parametrize(
    ("blue", "green", "said"),
    [
        (
            (True, True),
            (True, False),
            "attached to the live Service: config blue 1-0-0-b1, cluster blue 1-0-0-b1, green",
        ),
        ((True, False), (False, False), "shop blue: pods attached: config 2, cluster 1"),
        ((False, False), (False, False), "attached to the live Service: config blue 1-0-0-b1, cluster none"),
    ],
)
def test_pods_that_are_not_as_they_should_be_are_said(
    blue: tuple[bool, bool], green: tuple[bool, bool], said: str
) -> None:
    found = status(live(), [BLUE, GREEN], [*labeled("blue", V1, *blue), *labeled("green", V2, *green)])
    assert found.live_color == "blue"
    assert any(said in line for line in found.drift), found.drift
    assert not found.healthy


def test_a_cutover_that_died_between_its_steps_is_said() -> None:
    both = workload("green", V2, attached=True)
    pods = [*labeled("blue", V1, True, True), *labeled("green", V2, True, True)]
    found = status(live("green"), [BLUE, both], pods, {**CONFIG, "active": "green"})
    assert (found.live_color, found.completed) == ("green", False)
    assert any("shop-blue: new pods: config not attached, cluster attached" in line for line in found.drift)


def test_after_a_way_back_by_labels_alone_the_pods_are_believed() -> None:
    """The note on the Service is the engine's, which may not have run yet."""
    found = status(
        live("green"),
        [BLUE, GREEN],
        [*labeled("blue", V1, True, True), *labeled("green", V2, False, False)],
    )
    assert (found.live_color, found.drift) == ("blue", ())


def test_a_service_that_still_selects_otherwise_is_drift() -> None:
    found = status(service(), [BLUE, GREEN], [])
    assert "selector of the live Service: config app.kubernetes.io/instance, cutover.dev/live" in found.drift[0]
