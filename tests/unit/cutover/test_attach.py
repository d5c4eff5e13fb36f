"""Moving labels at once: the order, what ends it early, and what is left alone. The cluster is in memory."""

from typing import Any, cast

import pytest

from contract.annotations import COMPLETED, DETACHED, SERVES
from contract.labels import COLOR, LIVE, REVISION
from cutover.errors import GateRefused, TimedOut
from cutover.observe.connection import Api
from cutover.observe.records import ColorStatus, ServiceStatus
from cutover.operations.traffic import attach

Json = dict[str, Any]


def thing(name: str, color: str, *, live: bool, ready: bool = True) -> Json:
    labels = {COLOR: color, REVISION: f"of-{color}"} | ({LIVE: "true"} if live else {})
    return {
        "metadata": {"name": name, "uid": name, "resourceVersion": "1", "labels": labels, "annotations": {}},
        "spec": {"template": {"metadata": {"labels": dict(labels)}}},
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


class FakeApi:
    """Two colors of one pod each, blue detached and green live. `done` names the patches in their order."""

    def __init__(self) -> None:
        self.pods = [thing("blue-1", "blue", live=False), thing("green-1", "green", live=True)]
        self.sets = [thing("blue", "blue", live=False), thing("green", "green", live=True)]
        self.notes: Json = {COMPLETED: "of-green", SERVES: "green/of-green"}
        self.conflicts: list[str] = []  # names of what changes once more before it is written
        self.done: list[str] = []
        self.gone: set[str] = set()
        self.follows = True  # whether the endpoints are what the labels say

    def json(self, method: str, path: str, **_: Any) -> Any:
        assert method == "GET"
        if path.endswith("/services/shop"):
            return {"metadata": {"uid": "shop", "resourceVersion": "1", "annotations": dict(self.notes)}}
        if "endpointslices" in path:
            serving = [pod for pod in self.pods if LIVE in pod["metadata"]["labels"]] if self.follows else self.pods[1:]
            return {"items": [{"endpoints": [{"targetRef": {"name": one["metadata"]["name"]}} for one in serving]}]}
        return {"items": self.sets if "replicasets" in path else self.pods}

    def items(self, path: str, _: Any = None) -> list[Json]:
        found: list[Json] = self.json("GET", path)["items"]
        return found

    def patch(self, path: str, body: Json, meta: Json) -> bool:
        name = path.rpartition("/")[2]
        assert (meta["uid"], meta["resourceVersion"]) == (name, "1")
        if name in self.gone:
            return False
        if name in self.conflicts:
            self.conflicts.remove(name)
            return False
        if "/services/" in path:
            self.notes = {k: v for k, v in (self.notes | body["metadata"]["annotations"]).items() if v is not None}
            return True
        in_template = "replicasets" in path
        labels = body["spec"]["template"]["metadata"]["labels"] if in_template else body["metadata"]["labels"]
        (one,) = [one for one in (self.sets if in_template else self.pods) if one["metadata"]["name"] == name]
        held = (one["spec"]["template"] if in_template else one)["metadata"]["labels"]
        held.pop(LIVE, None)
        held |= {key: value for key, value in labels.items() if value}
        one["metadata"]["annotations"] |= body["metadata"]["annotations"]
        self.done.append(f"{'+' if labels[LIVE] else '-'}{name}")
        return True


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    monkeypatch.setattr(attach, "VERIFY_SECONDS", 0.1)
    monkeypatch.setattr(attach, "POLL_SECONDS", 0.001)
    return FakeApi()


def back_to_blue(api: FakeApi) -> None:
    blue = ColorStatus("blue", "1.0.0 build 1", "of-blue", "standby", 1, 1)
    seen = ServiceStatus("shop", "blue-green", "green", "green", "of-green", completed=True, colors={"blue": blue})
    attach.attach_now(cast(Api, api), "ns", seen, blue)


def test_the_new_color_is_attached_before_the_old_one_is_detached(api: FakeApi) -> None:
    back_to_blue(api)
    assert api.done == ["+blue", "+blue-1", "-green", "-green-1"]
    assert api.notes == {SERVES: "blue/of-blue"}
    noted = {one["metadata"]["name"]: one["metadata"]["annotations"][DETACHED] for one in (*api.sets, *api.pods)}
    assert noted["blue"] is noted["blue-1"] is None
    assert noted["green"] == noted["green-1"] != ""
    api.done.clear()
    back_to_blue(api)
    assert api.done == [], "what is so already is not written again"


def test_nothing_is_detached_while_the_service_does_not_send_to_the_new_color(api: FakeApi) -> None:
    api.follows = False
    with pytest.raises(TimedOut, match="the Service does not send to blue-1 yet"):
        back_to_blue(api)
    assert api.done == ["+blue", "+blue-1"]


def test_nothing_is_detached_where_no_new_pod_is_ready_any_more(api: FakeApi) -> None:
    api.pods[0] = thing("blue-1", "blue", live=False, ready=False)
    with pytest.raises(TimedOut, match="none of its pods is ready any more"):
        back_to_blue(api)
    assert "-green-1" not in api.done


def test_a_pod_that_is_gone_meanwhile_is_left_alone(api: FakeApi) -> None:
    api.pods.append(thing("green-2", "green", live=True))
    api.gone.add("green-2")
    with pytest.raises(TimedOut, match="still sends to green-2"):  # as this cluster goes on to list it
        back_to_blue(api)
    assert api.done == ["+blue", "+blue-1", "-green", "-green-1"]


def test_what_changed_meanwhile_is_looked_at_and_written_again(api: FakeApi) -> None:
    api.conflicts = ["shop", "blue", "blue-1", "green-1"]
    back_to_blue(api)
    assert sorted(api.done) == ["+blue", "+blue-1", "-green", "-green-1"]
    assert api.done[-1] == "-green-1"
    assert api.notes == {SERVES: "blue/of-blue"}


@pytest.mark.parametrize("pod", ["shop", "blue-1"])
def test_who_sends_the_traffic_elsewhere_meanwhile_is_not_undone(api: FakeApi, pod: str) -> None:
    """He is in the way of the first write of `pod`."""

    class Moving(list[str]):
        def remove(self, name: str) -> None:
            super().remove(name)
            api.notes[SERVES] = "green/of-another"

    api.conflicts = Moving([pod])
    with pytest.raises(GateRefused, match="it is to send to green/of-another, not to blue/of-blue"):
        back_to_blue(api)
    assert not [done for done in api.done if done.startswith("-")]
    assert api.notes[SERVES] == "green/of-another"
