"""What cannot be changed of a StatefulSet that stands: every change is named, and the server's own writing is none."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import ClaimRetention, Release, RollingSettings
from components.rules.stateful_set import LiveSet, refusal
from components.strategies.rolling.workload import manifest_of

Json = dict[str, Any]
NAMES = st.text("abcdefgh", min_size=1, max_size=8)
SIZES = st.sampled_from(["1Gi", "1024Mi", "1073741824", "2Gi", "0.5Gi", "512Mi", "10G"])
CLAIMS = st.fixed_dictionaries(
    {
        "spec": st.fixed_dictionaries(
            {
                "accessModes": st.permutations(["ReadWriteOnce", "ReadOnlyMany"]).flatmap(
                    lambda modes: st.integers(1, 2).map(lambda count: modes[:count])
                ),
                "resources": SIZES.map(lambda size: {"requests": {"storage": size}}),
            },
            optional={
                "storageClassName": NAMES,
                "volumeMode": st.sampled_from(["Filesystem", "Block"]),
                "selector": NAMES.map(lambda text: {"matchLabels": {"disk": text}}),
            },
        )
    },
    optional={"metadata": NAMES.map(lambda text: {"labels": {"app": text}})},
)
SETTINGS = st.builds(
    RollingSettings,
    workload=st.just("stateful-set"),
    release=st.just(Release(version="1", build=1, image="a:1")),
    volume_claims=st.dictionaries(NAMES, CLAIMS, max_size=3),
    pod_management=st.sampled_from(["ordered", "parallel"]),
    governing_service=st.none() | NAMES,
    revision_history_limit=st.integers(0, 3),
    # What may change while it stands:
    replicas=st.integers(1, 9),
    min_ready_seconds=st.integers(0, 9),
    claim_retention=st.builds(ClaimRetention, when_deleted=st.sampled_from(["retain", "delete"])),
)


def made(settings: RollingSettings) -> Json:
    spec: Json = manifest_of("shop", settings, {"name": "shop", "annotations": {}}, {"a": "b"}, {})["spec"]
    return spec


def stored(spec: Json) -> LiveSet:
    """As the API server keeps it: with its defaults, and amounts in its own way."""
    kept = copy.deepcopy(spec)
    for claim in kept.get("volumeClaimTemplates", []):
        claim |= {"status": {"phase": "Pending"}}
        claim["metadata"]["creationTimestamp"] = None
        claim["spec"].setdefault("volumeMode", "Filesystem")
        requests = claim["spec"]["resources"]["requests"]
        requests["storage"] = {"1024Mi": "1Gi", "0.5Gi": "512Mi"}.get(requests["storage"], requests["storage"])
    return LiveSet("shop", "cutover/test", kept)


@given(SETTINGS)
def test_what_stands_as_it_was_made_is_no_change(settings: RollingSettings) -> None:
    spec = made(settings)
    assert refusal("shop", spec, stored(spec)) is None
    assert "selector" in spec


@given(SETTINGS, SETTINGS)
def test_a_change_is_refused_exactly_where_it_is_one(one: RollingSettings, other: RollingSettings) -> None:
    old, new = made(one), made(other)
    found = refusal("shop", new, stored(old))
    keys = ("serviceName", "podManagementPolicy", "revisionHistoryLimit")
    same = all(old[key] == new[key] for key in keys) and not list(_claims(one, other))
    assert (found is None) == same
    if found:
        assert all((f"volume_claims.{name}" in found.what) for name in _claims(one, other))


def _claims(one: RollingSettings, other: RollingSettings) -> list[str]:
    """The claims that differ, compared in another way: by all that is in them, sizes in bytes."""
    size = {
        "1Gi": 2**30,
        "1024Mi": 2**30,
        "1073741824": 2**30,
        "2Gi": 2**31,
        "0.5Gi": 2**29,
        "512Mi": 2**29,
        "10G": 10**10,
    }

    def told(claim: Json) -> Any:
        spec = claim["spec"]
        return (
            claim.get("metadata"),
            set(spec["accessModes"]),
            size[spec["resources"]["requests"]["storage"]],
            spec.get("storageClassName"),
            spec.get("volumeMode", "Filesystem"),
            spec.get("selector"),
        )

    left, right = ({name: told(claim) for name, claim in each.volume_claims.items()} for each in (one, other))
    return [name for name in left.keys() | right.keys() if left.get(name) != right.get(name)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"pod_management": "parallel"},
            "pod_management makes podManagementPolicy 'Parallel', and the set stands with",
        ),
        ({"governing_service": "other"}, "governing_service makes serviceName 'other', and the set stands with 'shop-"),
        (
            {"revision_history_limit": 1},
            "revision_history_limit makes revisionHistoryLimit 1, and the set stands with 3",
        ),
        ({"volume_claims": {}}, "volume_claims.data is taken away"),
        ({"volume_claims": "2Gi"}, "volume_claims.data.spec.resources.requests.storage is '2Gi', and the set stands"),
    ],
)
def test_each_is_named_by_its_key_with_both_values(change: Json, says: str) -> None:
    def settings(**changes: Any) -> RollingSettings:
        size = changes["volume_claims"] if isinstance(changes.get("volume_claims"), str) else "1Gi"
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
        claims = {"data": {"spec": spec}} if changes.get("volume_claims") != {} else {}
        release = Release(version="1", build=1, image="a:1")
        given = {"workload": "stateful-set", "release": release, **changes, "volume_claims": claims}
        return RollingSettings(**given)

    found = refusal("shop", made(settings(**change)), stored(made(settings())))
    assert found is not None
    assert says in found.what
    assert "put it back as it was" in found.fix
    assert "`shop2`" in found.fix
