"""What a service's status is, for what the cluster has beside what the config says."""

from typing import Any

import pytest

from contract.labels import REVISION
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from tests.unit.cutover.objects import NOW, V1, V2, V3, blue_green, deployment, pod, pods, rolling, runs, service, view

Json = dict[str, Any]

BOTH = [deployment("blue", V1), deployment("green", V2, minutes=10)]
ALL_PODS = [*pods("blue", V1), *pods("green", V2)]


def status(config: Json, services: list[Json], workloads: list[Json], found: list[Json]) -> ServiceStatus:
    return judge(view(shop=config), gather(services, workloads, found, NOW))["shop"]


def test_a_fresh_stack_has_a_live_release_and_a_preview() -> None:
    found = status(blue_green(), [service()], BOTH, ALL_PODS)
    assert (found.active_color, found.live_color, found.live_revision) == ("blue", "blue", "1-0-0-b1")
    assert {name: color.role for name, color in found.colors.items()} == {"blue": "live", "green": "preview"}
    assert found.colors["green"].release == "1.1.0 build 1"
    assert (found.colors["green"].wanted, found.colors["green"].ready) == (2, 2)
    assert (found.state, found.healthy, found.drift) == ("paused", True, ())


def test_what_was_there_before_the_switch_is_the_standby() -> None:
    found = status(blue_green(active="green"), [service(color="green", release=V2, switched=1)], BOTH, ALL_PODS)
    assert {name: color.role for name, color in found.colors.items()} == {"blue": "standby", "green": "live"}
    assert found.state == "healthy"


@pytest.mark.parametrize(
    ("workload", "settle"), [("deployment", "`cutover up"), ("replica-set", "`pulumi up --refresh")]
)
def test_an_image_changed_by_hand_has_the_command_that_settles_it(workload: str, settle: str) -> None:
    config = blue_green(workload=workload, green=V2 | {"image": "shop:other"})
    (found,) = status(config, [service()], BOTH, ALL_PODS).differences
    assert found.settle.startswith(settle)


def test_what_never_served_is_no_standby_because_the_live_service_was_made_again() -> None:
    found = status(blue_green(), [service(switched=1, made=1)], BOTH, ALL_PODS)
    assert {name: color.role for name, color in found.colors.items()} == {"blue": "live", "green": "preview"}
    assert found.state == "paused"


@pytest.mark.parametrize(
    "more",
    [
        {"standby_replicas": 1, "route": {"http_route": "public"}, "canary": {"weight": 10}},
        {"autoscaler": {"spec": {"maxReplicas": 9}}, "replicas": 5, "standby_replicas": 1},
    ],
)
def test_a_color_that_has_a_share_is_of_full_size_and_what_is_scaled_of_any(more: Json) -> None:
    assert status(blue_green(**more), [service()], BOTH, ALL_PODS).drift == ()


def test_nothing_deployed_yet() -> None:
    found = status(blue_green(), [], [], [])
    assert {color.role for color in found.colors.values()} == {"absent"}
    assert (found.state, found.reason) == ("progressing", found.drift[0])
    assert found.drift == ("shop: config deployed, cluster not there; `cutover up --stack test` deploys it",)


def test_a_first_release_that_is_not_ready_has_no_live_service_yet() -> None:
    crash = {"waiting": {"reason": "CrashLoopBackOff"}}
    broken = pod(ready=False, containerStatuses=[{"state": crash, "restartCount": 3}])
    found = status(blue_green(green=None), [], [deployment()], [broken])
    assert found.colors["blue"].role == "preview"
    assert list(found.colors) == ["blue"]
    assert found.live_color is None
    assert "live Service: config there, cluster none" in found.drift[0]


def test_a_selector_edited_by_hand_is_drift_with_both_values_and_a_command() -> None:
    found = status(blue_green(), [service(color="green", release=V2)], BOTH, ALL_PODS)
    assert (found.state, found.reason) == ("progressing", found.drift[0])
    assert found.drift == (
        "shop: live color: config blue, cluster green; `cutover up --stack test` puts the config through",
    )
    assert found.colors["green"].role == "live"


def test_a_selector_with_another_key_is_drift() -> None:
    edited = service()
    edited["spec"]["selector"] = {"app": "other"}
    found = status(blue_green(), [edited], BOTH, ALL_PODS)
    assert "selector of the live Service" in found.drift[0]
    assert "app=other" in found.drift[0]


@pytest.mark.parametrize(
    ("config", "what"),
    [
        (blue_green(blue=V3), "shop: live release: config 1.2.0 build 7, cluster 1-0-0-b1"),
        (blue_green(green=V3), "shop green: release: config 1.2.0 build 7, cluster 1.1.0 build 1"),
        (blue_green(green=V2 | {"image": "shop:other"}), "shop green: image: config shop:other, cluster shop:1.1.0"),
        (blue_green(green=None), "shop green: config none, cluster 1.1.0 build 1"),
        (blue_green(replicas=3, standby_replicas=2), "shop blue: pods: config 3, cluster 2"),
        (blue_green(standby_replicas=1), "shop green: pods: config 1, cluster 2"),
    ],
)
def test_each_difference_says_what_config_and_cluster_have(config: Json, what: str) -> None:
    found = status(config, [service()], BOTH, ALL_PODS)
    assert any(line.startswith(f"{what};") for line in found.drift), found.drift
    assert not found.healthy


def test_a_cutover_that_was_not_carried_to_its_end_is_said() -> None:
    found = status(blue_green(), [service(completed=False)], BOTH, ALL_PODS)
    assert not found.completed
    assert found.drift == (
        "shop: cutover: config completed, cluster begun, not carried to its end; "
        "`cutover up --stack test` carries it on",
    )


def test_while_one_release_follows_another_the_one_that_serves_stands_for_its_color() -> None:
    workloads = [deployment("blue", V1), deployment("blue", V3, minutes=1)]
    found = status(
        blue_green(blue=V3, green=None), [service()], workloads, [*pods("blue", V1), pod("blue", V3, ready=False)]
    )
    blue = found.colors["blue"]
    assert (blue.revision, blue.wanted, blue.ready, len(blue.pods)) == ("1-0-0-b1", 2, 2, 3)


def test_a_replica_sets_revision_carries_a_digest() -> None:
    made, live = deployment("blue", V1), service()
    for labels in (
        made["metadata"]["labels"],
        made["spec"]["template"]["metadata"]["labels"],
        live["spec"]["selector"],
    ):
        labels[REVISION] = "1-0-0-b1-t0123456789"
    live["metadata"]["annotations"] = {"cutover.dev/completed": "1-0-0-b1-t0123456789"}
    del made["spec"]["strategy"]
    found = status(blue_green(green=None, replicas=2), [live], [made], [])
    assert (found.drift, found.colors["blue"].release) == ((), "1.0.0 build 1")
    assert found.state == "degraded"


def test_replica_sets_of_a_deployment_are_not_workloads_of_their_own() -> None:
    inner = deployment("blue", V1, replicas=0)
    inner["metadata"]["ownerReferences"] = [{"kind": "Deployment"}]
    assert status(blue_green(), [service()], [inner, *BOTH], ALL_PODS).drift == ()


def test_a_rolling_app_has_one_pseudo_color() -> None:
    found = status(rolling(), [service(color=None)], [deployment(None)], pods(None))
    assert (found.active_color, found.live_color, found.live_revision) == (None, None, "1-0-0-b1")
    assert list(found.colors) == ["release"]
    assert (found.colors["release"].role, found.state, found.drift) == ("live", "healthy", ())


def test_a_worker_serves_without_a_service() -> None:
    found = status(rolling(port=None), [], [deployment(None)], pods(None))
    assert (found.live_revision, found.colors["release"].role) == ("1-0-0-b1", "live")
    assert (found.state, found.drift, found.lost) == ("healthy", (), "")


def test_a_rollout_under_way_is_progressing() -> None:
    under_way = deployment(None, updated=1)
    found = status(rolling(), [service(color=None)], [under_way], [*pods(None), pod(None, ready=False)])
    assert (found.completed, found.state) == (False, "progressing")


def test_an_autoscaler_owns_the_count() -> None:
    scaled = rolling(autoscale={"min_replicas": 2, "max_replicas": 9})
    assert status(scaled, [service(color=None)], [deployment(None, replicas=7)], pods(None, count=7)).drift == ()
    fixed = status(rolling(), [service(color=None)], [deployment(None, replicas=7)], pods(None, count=7))
    assert fixed.drift[0].startswith("shop: pods: config 2, cluster 7;")


def test_the_gates_are_told() -> None:
    smoke = {"path": "/version", "expect_body": "{version}"}
    config = blue_green(smoke=smoke, smoke_job={"image": "check:1"}, gate_timeout_seconds=30)
    assert tuple(map(str, status(config, [], [], []).gates)) == (
        "2 of 2 pods ready within 30 s",
        "smoke job check:1",
        "smoke GET /version: HTTP 200 with '{version}'",
        "endpoints verified after the switch",
    )


def test_with_an_autoscaler_the_gate_counts_what_serves() -> None:
    config = blue_green(autoscale={"min_replicas": 2, "max_replicas": 9})
    found = status(config, [service()], [deployment("blue", replicas=7), BOTH[1]], [*pods(count=7), *pods("green", V2)])
    assert found.gates[0].says == "as many pods as serve ready within 120 s"
    assert found.drift == ()


def test_as_json_it_is_plain_data() -> None:
    data = status(blue_green(active="green"), [service()], BOTH, ALL_PODS).to_json()
    assert (data["state"], data["activeColor"], data["liveColor"]) == ("progressing", "green", "blue")
    assert data["drift"][0]["desired"] == "green"
    assert data["colors"]["blue"]["pods"][0]["ageSeconds"] == 300


def test_a_tag_that_was_moved_between_two_pods_is_drift() -> None:
    ids = [f"docker-pullable://shop@sha256:{letter * 64}" for letter in "ab"]
    mixed = [runs(found, image_id) for found, image_id in zip(pods(), ids, strict=True)]
    found = status(blue_green(green=None), [service()], [deployment()], mixed)
    assert found.drift == (
        "shop blue: image: config shop:1.0.0, one, cluster several: sha256:aaaaaaaaaaaa (1 pod), "
        "sha256:bbbbbbbbbbbb (1 pod); the tag was moved: `cutover release … --pin` names a release by its digest",
    )
    one = [runs(found, ids[0]) for found in pods()]
    found = status(blue_green(green=None), [service()], [deployment()], one)
    assert (found.drift, found.colors["blue"].image_ids) == ((), (f"shop@sha256:{'a' * 64}",))


def test_without_pods_it_is_what_was_noted() -> None:
    made = deployment("green", V2, replicas=0)
    made["metadata"]["annotations"] = {"cutover.dev/image-id": f"shop@sha256:{'c' * 64}"}
    found = status(blue_green(standby_replicas=0), [service()], [deployment(), made], pods())
    assert found.colors["green"].to_json()["imageIds"] == [f"shop@sha256:{'c' * 64}"]


@pytest.mark.parametrize(("release", "known"), [("1-0-0-b1", True), ("0-9-0-b1", False)])
def test_notes_of_the_release_before_tell_nothing_of_the_one_that_an_interrupted_update_left(
    release: str, known: bool
) -> None:
    made = deployment()
    image_id, by = f"shop@sha256:{'c' * 64}", {"cutover.dev/deployed-by": "ann"}
    made["metadata"]["annotations"] = {"cutover.dev/image-id": image_id, "cutover.dev/release": release, **by}
    blue = status(blue_green(green=None), [service()], [made], []).colors["blue"]
    assert blue.image_ids == ((image_id,) if known else ())
    assert dict(blue.origin) == ({"deployedBy": "ann"} if known else {})


@pytest.mark.parametrize(
    ("noted", "drifts"),
    [("shop@sha256:" + "b" * 64, True), ("m.example/shop@sha256:" + "a" * 64, False), ("sha256:" + "c" * 64, False)],
)
def test_pods_that_were_all_replaced_by_other_contents_are_drift(noted: str, drifts: bool) -> None:
    made = deployment()
    made["metadata"]["annotations"] = {"cutover.dev/image-id": noted}
    there = [runs(found, "shop@sha256:" + "a" * 64) for found in pods()]
    found = status(blue_green(green=None), [service()], [made], there)
    told = (
        "shop blue: image: config shop:1.0.0, as it was brought up, cluster sha256:aaaaaaaaaaaa, and "
        "sha256:bbbbbbbbbbbb when it was brought up; the tag was moved: `cutover release … --pin` names a release by "
        "its digest"
    )
    assert found.drift == ((told,) if drifts else ())
