"""What keeps a color from coming up, or from its strength, is said first, and at once where waiting cannot help."""

import asyncio
from dataclasses import replace

import pytest

from components.checks.readiness import pods_as_asked
from components.releases.view import ReleaseView
from components.rules.attachment import ReplicaSet
from components.rules.errors import NotReady
from components.rules.facts import HASH, Workload
from components.rules.trouble import Trouble, trouble
from components.strategies.cutover import Cutover
from tests.components.fakes import FakeCluster, make_pod
from tests.components.two_colors import BLUE, GREEN, run, two_colors
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    return two_colors(monkeypatch)


def workload(one: ReleaseView, replicas: int = 2, refused: str = "") -> Workload:
    return Workload("deployments", f"shop-{one.color}", one.selector, replicas, 1, 0.2, refused)


def test_a_color_that_somebody_scaled_down_is_brought_back_to_what_the_config_says(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    """The engine compares with its state, so the gate waited for pods that nothing was going to make."""
    cluster.all_workloads = [workload(BLUE), workload(GREEN, 1)]
    run(gates.check(GREEN, timeout_seconds=0.2, checks=()))
    assert cluster.asked == ["scale deployments/shop-green to 2"]
    assert said[0] == (
        "shop: shop-green is to have 1 pod in the cluster, and the config says 2: somebody scaled it; scaling it back"
    )


def test_an_up_brings_back_what_serves_and_what_stands_by(gates: Cutover, cluster: FakeCluster) -> None:
    run(gates.finish(BLUE, GREEN, recycle=False))
    cluster.asked.clear()
    cluster.all_workloads = [workload(BLUE, 0), workload(GREEN, 1)]
    run(gates.finish(BLUE, GREEN, recycle=False))
    assert cluster.asked == ["scale deployments/shop-green to 2", "scale deployments/shop-blue to 2"]
    cluster.all_workloads = [workload(BLUE, 5), workload(GREEN)]
    run(gates.finish(BLUE, GREEN, recycle=False))
    assert len(cluster.asked) == 2, "more pods may be somebody's need"


def test_a_switch_to_fewer_pods_than_serve_is_said_in_a_plan_and_at_the_gate(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    cluster.all_pods += [make_pod(f"blue-{i}", BLUE.selector, "shop:1") for i in range(2, 5)]
    warning = "shop: 5 pods serve now, green is to have 2: the switch takes capacity away; `replicas: 5` keeps as many"
    run(gates.announce(GREEN, []))
    assert said == [warning]
    run(gates.check(GREEN, timeout_seconds=0.2, checks=()))
    assert said == [warning, warning]


NO_IMAGE = 'ImagePullBackOff: Back-off pulling image "shop:2": rpc error: code = NotFound desc = shop:2: not found'
QUOTA = 'FailedCreate: pods "shop-green-x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2'
POLICY = 'FailedCreate: pods "shop-green-x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot'
AWAY = 'ImagePullBackOff: Back-off pulling image "shop:2": dial tcp 10.0.0.1:443: i/o timeout'


@pytest.mark.parametrize(
    ("problem", "refused", "grace_seconds"),
    [(NO_IMAGE, "", PATIENCE_SECONDS), ("", POLICY, PATIENCE_SECONDS), (AWAY, "", 0.05), ("", QUOTA, 0.05)],
)
def test_a_target_that_cannot_come_up_is_refused_with_the_reason_first_and_at_once(
    gates: Cutover,
    cluster: FakeCluster,
    monkeypatch: pytest.MonkeyPatch,
    problem: str,
    refused: str,
    grace_seconds: float,
) -> None:
    """The gate waited its whole time; here that is longer than a test may take."""
    monkeypatch.setattr("components.rules.trouble.GRACE_SECONDS", grace_seconds)
    cluster.all_workloads = [workload(GREEN, refused=refused)]
    pod = make_pod("green-1", GREEN.selector, "shop:2", ready=False, problem=problem, waits_for=problem.split(":")[0])
    cluster.all_pods[3:] = [pod] if problem else []
    with pytest.raises(NotReady) as caught:
        run(gates.check(GREEN, timeout_seconds=10 * PATIENCE_SECONDS, checks=()))
    first = str(caught.value).splitlines()[0]
    assert first.startswith("shop: green 2-0-0-b1 cannot become ready: ")
    assert (problem or refused) in first


NAMED = "registry.example/web/notfound:1.2"
PULL = f'Back-off pulling image "{NAMED}"'
UNPACK = f'{PULL}: ErrImagePull: rpc error: code = {{}} desc = failed to pull and unpack image "{NAMED}"'
HEAD = f"https://{NAMED.replace('web', 'v2/web').replace(':', '/manifests/')}"
MISSING = f'failed to resolve reference "{NAMED}": {NAMED}: not found'
DENIED = f"failed to resolve reference: unexpected status from HEAD request to {HEAD}: 403 Forbidden"
BUSY = f"failed to resolve reference: unexpected status from HEAD request to {HEAD}: 503 Service Unavailable"
CRI_O = "ErrImagePull: initializing source docker://denied.example/web/forbidden:1.2: pinging container registry"


@pytest.mark.parametrize(
    ("image", "message", "final"),
    [
        (NAMED, PULL, False),
        (NAMED, f"{UNPACK.format('Unavailable')}: {BUSY}", False),
        (NAMED, f'{UNPACK.format("Unknown")}: failed to do request: Head "{HEAD}": dial tcp: i/o timeout', False),
        (NAMED, f"{UNPACK.format('NotFound')}: {MISSING}", True),
        (NAMED, f"{UNPACK.format('Unknown')}: {DENIED}", True),
        (NAMED, f"{PULL}: ErrImagePull: reading manifest 1.2 in {NAMED[:-4]}: manifest unknown", True),
        ("denied.example/web/forbidden:1.2", f"{CRI_O} denied.example: lookup denied.example: no such host", False),
        ("denied.example/web/forbidden:1.2", f"{CRI_O} denied.example: StatusCode: 404, NotFound", True),
        ("denied:1", 'Back-off pulling image "denied:1": ErrImagePull: manifest for denied:1: i/o timeout', False),
        ("denied:1", "ErrImagePull: pull access denied for denied:1, repository does not exist", True),
        ("shop:1", 'Back-off pulling image "unauthorized:1"', False),  # of a sidecar
        ("shop:1", 'Back-off: {"errors":[{"code":"UNAUTHORIZED","detail":"https://shop/a"}]}', True),
    ],
)
def test_words_of_the_registry_are_looked_for_and_not_parts_of_a_name(image: str, message: str, final: bool) -> None:
    said = f"ImagePullBackOff: {message}"
    pod = make_pod("green-1", GREEN.selector, image, ready=False, problem=said, waits_for="ImagePullBackOff")
    assert trouble([pod], []) == Trouble(f"green-1: {said}", final)


@pytest.mark.parametrize("passes", ["ErrImagePull: " + AWAY, "ErrImagePull: not found", "ContainerCreating"])
def test_what_may_still_come_up_is_waited_for(gates: Cutover, cluster: FakeCluster, passes: str) -> None:
    late = make_pod("green-1", GREEN.selector, "shop:2", ready=False, problem=passes, waits_for=passes.split(":")[0])
    cluster.all_pods[3] = late

    async def both() -> None:
        async def come_up() -> None:
            await asyncio.sleep(0.05)
            cluster.all_pods[3] = replace(late, ready=True, problem="", waits_for="")

        await asyncio.gather(gates.before_switch(GREEN, timeout_seconds=PATIENCE_SECONDS), come_up())

    run(both())
    assert cluster.all_pods[3].ready


def rewritten(cluster: FakeCluster, seen: str, born_of: str = "shop:2") -> None:
    """An admission put another image into the pods of green, which their ReplicaSet asked to run `born_of`."""
    cluster.sets = [ReplicaSet("rs-green", GREEN.selector, True, 2, 2, image=born_of)]
    cluster.all_pods[2:] = [make_pod(f"green-{i}", GREEN.selector, seen, owner="rs-green") for i in range(2)]


def test_an_image_that_an_admission_takes_from_a_mirror_is_the_release_s(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    """Readiness waited for ever, as the pods ran another image by its name."""
    rewritten(cluster, "mirror.example:5000/hub/shop:2")
    run(gates.check(GREEN, timeout_seconds=0.2, checks=()))
    instead = "mirror.example:5000/hub/shop:2 in place of shop:2"
    assert said == [f"shop: pods of green run {instead}: an admission of the cluster rewrote it"]
    cluster.switch(GREEN.selector)
    run(gates.live_edit.refuse(GREEN))


def test_of_a_stateful_set_s_pods_the_set_tells_what_they_were_to_run(cluster: FakeCluster) -> None:
    """As long as they are of its template: those of another one were asked to run something else."""
    of_set = replace(GREEN, stateful=True)
    rewritten(cluster, "mirror.example:5000/hub/shop:2")
    cluster.sets = [replace(cluster.sets[0], labels={**cluster.sets[0].labels, HASH: "new"})]
    pods = [replace(pod, labels={**pod.labels, HASH: "new"}) for pod in cluster.all_pods[2:]]
    assert {pod.image for pod in asyncio.run(pods_as_asked(cluster, of_set, pods))} == {"shop:2"}
    other = [replace(pod, labels={**pod.labels, HASH: "old"}) for pod in pods]
    assert asyncio.run(pods_as_asked(cluster, of_set, other)) == other


@pytest.mark.parametrize("seen", ["mirror.example/shop:3", "mirror.example/other:2"])
def test_another_image_is_refused_at_once_with_what_was_seen_and_the_setting(
    gates: Cutover, cluster: FakeCluster, seen: str
) -> None:
    rewritten(cluster, seen)
    with pytest.raises(NotReady) as refused:
        run(gates.check(GREEN, timeout_seconds=10 * PATIENCE_SECONDS, checks=()))
    first = str(refused.value).splitlines()[0]
    assert f"green-0 runs {seen}, which an admission of the cluster put in place of the release's image" in first
    assert "`image_rewrites`" in first
    run(gates.check(replace(GREEN, rewrites="any"), timeout_seconds=0.2, checks=()))


def test_a_pod_that_was_asked_to_run_another_image_is_of_another_release(gates: Cutover, cluster: FakeCluster) -> None:
    rewritten(cluster, "mirror.example/shop:2", born_of="shop:1")
    with pytest.raises(NotReady, match=r"pods run mirror\.example/shop:2, the release is shop:2"):
        run(gates.check(GREEN, timeout_seconds=0, checks=()))
    rewritten(cluster, "mirror.example/shop:2")
    with pytest.raises(NotReady):
        run(gates.check(replace(GREEN, rewrites="none"), timeout_seconds=0, checks=()))
