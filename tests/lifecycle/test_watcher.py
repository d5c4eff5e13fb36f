"""The watcher itself: a wrong moment is seen, in made-up events and on the real cluster."""

from typing import Any

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.judge import COLOR, LIVE, REVISION, Event, Judge, Wanted
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.stack import Stack

Json = dict[str, Any]
PLAN = [(0, {"shop": Wanted("blue", "shop:1", 1)}), (100, {"shop": Wanted("green", "shop:2", 1)})]
MADE = {"app.kubernetes.io/component": "workload"}
SHARED = [(0, {"shop": Wanted("blue", "shop:1", 1, "shop:2")})]


class History:
    """Makes up events, each with the next revision."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.now = 0

    def add(self, kind: str, body: Json, type_: str = "MODIFIED") -> None:
        self.now += 1
        self.events.append(Event(self.now, type_, kind, body))

    def pod(
        self,
        name: str,
        color: str,
        *,
        ready: bool = True,
        image: str = "",
        leaving: bool = False,
        attached: bool = False,
    ) -> None:
        labels = {COLOR: color, REVISION: f"of-{color}", **MADE} | ({LIVE: "true"} if attached else {})
        meta: Json = {"name": name, "uid": name, "labels": labels}
        if leaving:
            meta["deletionTimestamp"] = "now"
        image = image or {"blue": "shop:1", "green": "shop:2"}[color]
        conditions = [{"type": "Ready", "status": str(ready), "reason": "MadeUp"}]
        self.add(
            "pods", {"metadata": meta, "spec": {"containers": [{"image": image}]}, "status": {"conditions": conditions}}
        )

    def service(self, color: str | None) -> None:
        """Without a color it selects what is attached."""
        labels = {"app.kubernetes.io/component": "live"}
        selector = {COLOR: color, REVISION: f"of-{color}"} if color else {LIVE: "true"}
        self.add(
            "services", {"metadata": {"name": "shop", "uid": "s", "labels": labels}, "spec": {"selector": selector}}
        )

    def both(self) -> None:
        """It selects the pods of both colors."""
        meta = {"name": "shop", "uid": "s", "labels": {"app.kubernetes.io/component": "live"}}
        self.add("services", {"metadata": meta, "spec": {"selector": MADE}})

    def slice(self, *pods: str) -> None:
        endpoints = [{"targetRef": {"uid": pod}, "conditions": {"ready": True}} for pod in pods]
        meta = {"name": "shop-abc", "uid": "e", "labels": {"kubernetes.io/service-name": "shop"}}
        self.add("endpointslices", {"metadata": meta, "endpoints": endpoints})

    def violations(self) -> list[str]:
        return Judge(PLAN).violations(self.events)


@pytest.fixture
def history() -> History:
    """Blue lives, green is ready, the config has come to want green."""
    made = History()
    made.pod("b", "blue")
    made.service("blue")
    made.slice("b")
    made.pod("g", "green")
    made.now = 100
    return made


def test_a_cutover_as_it_should_be_passes(history: History) -> None:
    history.service("green")
    history.slice("b", "g")
    history.slice("g")
    history.pod("b", "blue", leaving=True)
    history.pod("h", "green", ready=False)
    assert history.violations() == []


@pytest.fixture
def by_label() -> History:
    """The same where the live Service selects what is attached to it."""
    made = History()
    made.pod("b", "blue", attached=True)
    made.service(None)
    made.slice("b")
    made.pod("g", "green")
    made.now = 100
    return made


def test_a_cutover_by_labels_as_it_should_be_passes(by_label: History) -> None:
    by_label.pod("g", "green", attached=True)
    by_label.slice("b", "g")
    by_label.pod("b", "blue")
    by_label.slice("g")
    assert by_label.violations() == []


def test_a_pod_that_is_attached_before_it_is_ready_is_seen(by_label: History) -> None:
    by_label.pod("g", "green", ready=False)
    by_label.pod("g", "green", ready=False, attached=True)
    assert by_label.violations() == ["revision 102, MODIFIED pods/g: shop selects g, which is not ready: MadeUp"]


def test_an_old_color_that_is_detached_first_is_seen(by_label: History) -> None:
    by_label.pod("b", "blue")
    assert "of which 0 pods of 1 are ready" in by_label.violations()[0]


def test_an_endpoint_that_was_never_attached_is_seen(by_label: History) -> None:
    by_label.slice("b", "g")
    assert "requests for shop may go to g" in by_label.violations()[0]


@pytest.mark.parametrize("changes", [{"ready": False}, {"image": "shop:1"}, {"leaving": True}])
def test_a_switch_to_the_wrong_pods_is_seen(history: History, changes: Json) -> None:
    history.pod("g", "green", **changes)
    history.service("green")
    assert any("MODIFIED services/shop: shop selects" in line for line in history.violations())


def test_a_switch_to_pods_of_which_one_is_not_ready_is_seen(history: History) -> None:
    history.pod("h", "green", ready=False)
    history.service("green")
    assert history.violations() == ["revision 102, MODIFIED services/shop: shop selects h, which is not ready: MadeUp"]


@pytest.fixture
def shared(history: History) -> History:
    """The live Service comes to select both colors, while the config gives green a share."""
    history.pod("g", "green")
    history.pod("strange", "green", image="shop:3", ready=False)
    history.both()
    return history


def test_both_colors_behind_one_selector_pass_where_the_config_says_so(shared: History) -> None:
    shared.events = [one for one in shared.events if one.name != "strange"]
    shared.slice("b", "g")
    shared.service("blue")
    shared.slice("b")
    assert Judge(SHARED).violations(shared.events) == []
    assert "both colors, the config wants green alone" in shared.violations()[0]


def test_a_pod_of_a_third_release_behind_both_is_seen(shared: History) -> None:
    shared.slice("b", "g", "strange")
    found = Judge(SHARED).violations(shared.events)
    assert "shop selects strange, which is not ready" in found[0]
    assert "requests for shop may go to strange with shop:3, which is in no config" in found[-1]


def test_a_switch_that_nobody_asked_for_is_seen(history: History) -> None:
    history.now = 50
    history.service("green")
    assert "the config wants blue" in history.violations()[0]


def test_pods_that_fail_later_are_seen(history: History) -> None:
    history.service("green")
    history.slice("g")
    history.pod("g", "green", ready=False)
    history.slice()
    found = history.violations()
    assert "of which 0 pods of 1 are ready" in found[0]
    assert "has 0 ready endpoints of 1" in found[-1]


def test_a_request_that_may_still_reach_the_old_release_is_seen(history: History) -> None:
    history.service("green")
    history.slice("g")
    history.slice("b", "g")
    assert "requests for shop may go to b" in history.violations()[0]


@pytest.mark.cluster
@pytest.mark.traffic
def test_a_bad_flip_on_the_real_cluster_is_seen(stack: Stack, namespace: Namespace) -> None:
    stack.watcher.judges = False  # what this test does by hand is just what must never happen
    stack.services["shop"] = services.blue_green()
    stack.must_up()
    green = views.pods(namespace, color="green")
    namespace.make_unready(*views.names(green))
    eventually("unready pods", lambda: not views.ready_pods(namespace, color="green"))
    assert stack.watcher.violations() == []
    labels = {label: green[0]["metadata"]["labels"][label] for label in (COLOR, REVISION)}
    namespace.patch("services", "shop", {"spec": {"selector": labels}})
    found = "\n".join(stack.watcher.violations())
    assert "the config wants blue" in found
    assert "which is not ready" in found
    assert "of which 0 pods of 2 are ready" in found
