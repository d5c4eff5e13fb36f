"""What a StatefulSet has, what it has not, and its claims: each wrong key at its own path."""

from typing import Any

import pytest

from components.rules.errors import ConfigError
from components.rules.names import MAX_SET_NAME, governing_name, rolling_name
from components.stack.load import parse
from tests.unit.settings.test_settings_bad_config import GOOD, SF, WK, Bad, edited, problems

SPEC = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
DATA = {"data": {"spec": SPEC}}


def with_set(**changes: Any) -> dict[str, Any]:
    """The good config, its worker a StatefulSet."""
    services = edited(f"{WK}.workload", "stateful-set")
    services[WK] |= changes
    return services


CASES = [
    Bad("max_surge", 1, "max_surge is set while workload is stateful-set", "remove max_surge"),
    Bad("max_unavailable", 1, "max_unavailable is set while workload is", "remove max_unavailable"),
    Bad("update", "recreate", "update is recreate while workload is", "remove update"),
    Bad("pod_management", "Parallel", "'Parallel'", "parallel"),
    Bad("governing_service", "Shop", "'Shop' is not the name", "lower-case"),
    Bad("volume_claims", {"Data": {"spec": SPEC}}, "'Data' is not the name of a volume", "lower", "volume_claims.Data"),
    Bad(
        "volume_claims",
        {"data": {"spec": {**SPEC, "storageClass": "fast"}}},
        "storageClass is no field of PersistentVolumeClaimSpec",
        "rename storageClass to storageClassName",
        "volume_claims.data.spec.storageClass",
    ),
    Bad(
        "volume_claims",
        {"data": {"spec": {"resources": SPEC["resources"]}}},
        "accessModes is not given",
        "add accessModes",
        "volume_claims.data.spec.accessModes",
    ),
    Bad(
        "volume_claims",
        {"data": {"spec": {"accessModes": ["ReadWriteOnce"]}}},
        "the size is not given",
        "storage: 10Gi",
        "volume_claims.data.spec.resources.requests.storage",
    ),
    Bad(
        "volume_claims",
        {"data": {"metadata": {"labels": {"cutover.dev/x": "y"}}, "spec": SPEC}},
        "is one of the labels that the program gives",
        "a key of your own",
        'volume_claims.data.metadata.labels["cutover.dev/x"]',
    ),
    Bad(
        "volume_claims",
        {"data": {"$patch": "replace", "spec": SPEC}},
        "nothing that the claim is put over",
        "remove $patch",
        "volume_claims.data",
    ),
    Bad("partition", 2, "partition is 2, and there are 2 pods, of which the last is number 1", "less than 2"),
    Bad("claim_retention", {"when_deleted": "keep"}, "'keep'", "retain", "claim_retention.when_deleted"),
    Bad("adopt_service", True, "adopt_service is set for a StatefulSet", "beside what is there"),
]


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.path or bad.at)
def test_one_problem_at_its_own_path(bad: Bad) -> None:
    (found,) = problems(with_set(**{bad.at: bad.value}))
    assert found.path == f"cutover:services.{WK}.{bad.path or bad.at}"
    assert bad.says in found.what
    assert bad.fix in found.fix


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pod_management", "ordered"),
        ("partition", 0),
        ("governing_service", "x"),
        ("volume_claims", DATA),
        ("claim_retention", {}),
    ],
)
def test_what_only_a_set_has_is_refused_of_a_deployment(key: str, value: Any) -> None:
    services = edited(f"{WK}.{key}", value)
    (found,) = problems(services)
    assert found.path == f"cutover:services.{WK}.{key}"
    assert "only a StatefulSet has it" in found.why


@pytest.mark.parametrize("slot", [(), ("release",)])
@pytest.mark.parametrize("content", [{"config": {"A": "b"}}, {"config_files": {"/a": "b"}}])
def test_pods_that_stay_behind_keep_what_their_release_needs(slot: tuple[str, ...], content: dict[str, Any]) -> None:
    services = with_set(partition=1)
    owner = services[WK][slot[0]] if slot else services[WK]
    owner |= content
    (found,) = problems(services)
    assert found.path == ".".join((f"cutover:services.{WK}", *slot, *content))
    assert "pods 0 to 0 stay on the release before" in found.why
    services[WK]["partition"] = 0
    assert parse("default", services)


def test_a_volume_and_a_claim_of_one_name_are_two_sources() -> None:
    volumes = {"spec": {"volumes": [{"name": "data", "emptyDir": {}}]}}
    (found,) = problems(with_set(volume_claims=DATA, pod=volumes))
    assert found.path == f"cutover:services.{WK}.pod.spec.volumes[0].name"
    (found,) = problems(with_set(volume_claims={"files": {"spec": SPEC}}))
    assert found.path == f"cutover:services.{WK}.volume_claims.files"


def test_no_two_sets_share_a_service_or_a_claim() -> None:
    services = with_set()
    services[f"{WK}-pods"] = GOOD[WK]
    (found,) = problems(services)
    assert f"would both make a Service named '{WK}-pods'" in found.what
    services = with_set(volume_claims={"data-x": {"spec": SPEC}})
    services["x-worker"] = services[WK] | {"volume_claims": {"data": {"spec": SPEC}}}
    (found,) = problems(services)
    assert "would both make a claim named 'data-x-worker'" in found.what


def test_a_name_leaves_room_for_the_hash_of_its_pods() -> None:
    assert rolling_name("shop", stateful=True) == "shop"
    long = "a" * (MAX_SET_NAME + 1)
    short = rolling_name(long, stateful=True)
    assert len(short) == MAX_SET_NAME
    assert short != rolling_name(f"{long}b", stateful=True)
    assert len(governing_name("a" * 60)) <= 63


def test_it_is_no_workload_of_two_colors() -> None:
    with pytest.raises(ConfigError, match="stateful-set"):
        parse("default", edited(f"{SF}.workload", "stateful-set"))
