"""StatefulSets of others become settings with nothing lost, and what cannot be held is refused with the reason."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings.parse import from_fields
from components.strategies.rolling.settings import RollingSettings
from components.takeover.__main__ import judge
from components.takeover.entries import entries
from components.takeover.entry import Taken, taken
from components.takeover.workloads import Workload, image_of, workloads

Json = dict[str, Any]
SHAPES: list[Json] = list(yaml.safe_load_all((Path(__file__).parent / "sets.yaml").read_text()))
FOUND = list(workloads(SHAPES))
ZK, DB, AGENT = FOUND


def again(one: Workload) -> tuple[Taken, RollingSettings]:
    containers = one.item["spec"]["template"]["spec"]["containers"]
    made = taken(one, release=lambda place: image_of(containers[place]))
    return made, from_fields(RollingSettings, made.settings, one.name)


@pytest.mark.parametrize("one", FOUND, ids=lambda one: one.name)
def test_every_shape_is_whole_after_it_was_taken_over(one: Workload) -> None:
    assert judge(one) == ("whole", [])


@pytest.mark.parametrize("one", FOUND, ids=lambda one: one.name)
def test_pods_and_claims_keep_their_names(one: Workload) -> None:
    """Whatever the Services are called: peers and data are found by the name of the set."""
    assert again(one)[0].name == one.name


def test_a_set_whose_clients_ask_another_name_keeps_its_pause_before_the_stop() -> None:
    made, settings = again(ZK)
    assert (made.main, settings.port, settings.governing_service) == (None, None, "zk-peers")
    assert sorted(settings.services) == ["zk-clients", "zk-peers"]
    assert settings.pause_seconds == 5
    assert settings.volume_claims["data"]["spec"]["resources"]["requests"]["storage"] == "10Gi"


def test_a_set_with_a_service_of_its_name_has_its_port() -> None:
    made, settings = again(DB)
    assert (made.main, settings.port, settings.port_name, settings.governing_service) == ("db", 5432, "sql", "db")
    assert (settings.pod_management, settings.partition, settings.min_ready_seconds) == ("parallel", 1, 7)
    assert (settings.claim_retention.when_deleted, settings.claim_retention.when_scaled) == ("retain", "delete")
    assert list(settings.volume_claims) == ["data", "log"]
    assert settings.volume_claims["data"]["metadata"]["annotations"] == {"example.com/backup": "daily"}


def test_an_autoscaler_is_of_the_kind_that_it_names() -> None:
    _, settings = again(AGENT)
    assert settings.scaling is not None
    assert settings.scaling.max_replicas == 5


def test_of_two_colors_or_not_a_set_is_rolled() -> None:
    made = entries(SHAPES, blue_green=True)
    assert made["refused"] == {}
    assert {one["strategy"] for one in made["services"].values()} == {"rolling"}
    assert set(made["services"]) == {"zk", "db", "agent"}


CHANGES: list[tuple[tuple[str, ...], Any, str]] = [
    (("replicas",), 7, "spec.replicas"),
    (("serviceName",), "x", "spec.serviceName"),
    (("podManagementPolicy",), "OrderedReady", "spec.podManagementPolicy"),
    (("minReadySeconds",), 1, "spec.minReadySeconds"),
    (("revisionHistoryLimit",), 9, "spec.revisionHistoryLimit"),
    (("persistentVolumeClaimRetentionPolicy", "whenDeleted"), "Delete", "spec.persistentVolumeClaimRetentionPolicy"),
    (("updateStrategy", "rollingUpdate", "partition"), 0, "spec.updateStrategy.rollingUpdate.partition"),
    (("updateStrategy", "type"), "OnDelete", "spec.updateStrategy.type"),
    (("ordinals",), {"start": 3}, "spec.ordinals"),
    (("somethingNew",), True, "spec.somethingNew"),
]


@pytest.mark.parametrize(("path", "value", "lost"), CHANGES, ids=[lost for _, _, lost in CHANGES])
def test_whatever_differs_is_found_as_a_loss(
    path: tuple[str, ...], value: Any, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = again(DB)
    monkeypatch.setattr("components.takeover.__main__.taken", lambda *_, **__: made)
    assert judge(changed(DB, path, value)) == ("lossy", [lost])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("metadata", "labels", "app"), "other"),
        (("metadata", "annotations"), {}),
        (("spec", "storageClassName"), "slow"),
        (("spec", "accessModes"), ["ReadWriteMany"]),
        (("spec", "resources", "requests", "storage"), "11Gi"),
        (("spec", "volumeMode"), "Block"),
        (("spec", "dataSource"), {"kind": "VolumeSnapshot", "name": "x"}),
    ],
)
def test_a_claim_that_differs_is_a_loss(path: tuple[str, ...], value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = again(DB)
    monkeypatch.setattr("components.takeover.__main__.taken", lambda *_, **__: made)
    claims = copy.deepcopy(DB.item["spec"]["volumeClaimTemplates"])
    owner = claims[0]
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    assert judge(changed(DB, ("volumeClaimTemplates",), claims)) == ("lossy", ["spec.volumeClaimTemplates[data]"])


def test_an_amount_in_other_words_is_the_same() -> None:
    made, _ = again(DB)
    claims = copy.deepcopy(DB.item["spec"]["volumeClaimTemplates"])
    claims[0]["spec"]["resources"]["requests"]["storage"] = "10Gi"
    assert made.settings["volume_claims"]["data"]["spec"]["resources"]["requests"]["storage"] == "10240Mi"
    assert judge(changed(DB, ("volumeClaimTemplates",), claims)) == ("whole", [])


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("updateStrategy",), {"type": "OnDelete"}, "updateStrategy.type: it is OnDelete: a pod gets a release when"),
        (("updateStrategy", "rollingUpdate", "maxUnavailable"), 2, "rollingUpdate.maxUnavailable: it is 2"),
        (("ordinals",), {"start": 3}, "ordinals.start: it is 3: the first pod is db-3"),
    ],
)
def test_what_cannot_be_held_is_refused_with_its_path(path: tuple[str, ...], value: Any, says: str) -> None:
    kind, (reason,) = judge(changed(DB, path, value))
    assert kind == "refused"
    assert says in reason


def changed(one: Workload, path: tuple[str, ...], value: Any) -> Workload:
    item = copy.deepcopy(one.item)
    owner = item["spec"]
    for key in path[:-1]:
        owner = owner.setdefault(key, {})
    owner[path[-1]] = value
    return Workload(item, one.services, one.beside)
