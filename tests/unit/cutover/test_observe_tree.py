"""The tree of a stack: words and symbols carry the meaning, also without colors."""

from datetime import UTC, datetime, timedelta

from cutover.engine.records import Update
from cutover.observe.facts import gather
from cutover.observe.goal import summary, why_not
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from cutover.observe.tree import age, tree
from cutover.operations.history.updates import with_updates
from tests.unit.cutover.objects import NOW, V1, V2, blue_green, deployment, pod, pods, rolling, runs, service, view

NOTED = datetime(2026, 11, 21, 18, 47, 6, tzinfo=UTC)


def paused() -> dict[str, ServiceStatus]:
    workloads = [deployment("blue", V1), deployment("green", V2, minutes=10)]
    leaving = pod("blue", V1, minutes=200)
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T12:00:00Z"
    found = [*pods("blue", V1), leaving, pod("green", V2, ready=False, containerStatuses=[{"restartCount": 4}])]
    return judge(view(shop=blue_green()), gather([service()], workloads, found, NOW))


def test_the_tree_of_a_service() -> None:
    assert [line.text for line in tree("dev", "shop", paused())] == [
        "dev  namespace shop",
        "shop  ◌ progressing  live blue",
        "├─ blue    1.0.0 build 1  live  ✔ 2/2 pods ready",
        "│  ├─ shop-blue-5  ✔ ready  5m",
        "│  ├─ shop-blue-6  ✔ ready  6m",
        "│  └─ shop-blue-200  ✖ Terminating  3h",
        "├─ green   1.1.0 build 1  preview  ✖ 0/2 pods ready",
        "│  └─ shop-green-5  ✖ starting  restarts 4  5m",
        "└─ gates: 2 of 2 pods ready within 120 s; endpoints verified after the switch",
    ]


def test_with_provenance_it_says_what_runs_and_where_it_came_from() -> None:
    made = deployment()
    made["metadata"]["annotations"] = {
        "cutover.dev/commit": "c" * 40,
        "cutover.dev/deployed-by": "ann",
        "cutover.dev/deployed-at": "2026-11-21T18:47:06Z",
        "cutover.dev/run": "https://forge.example/runs/7",
        "cutover.dev/stack": "cutover/prod",
        "cutover.dev/config-digest": "0123456789",
    }
    found = [runs(each, "sha256:" + "a" * 64) for each in pods()]
    services = judge(view(shop=blue_green(green=None)), gather([service()], [made], found, NOW))
    assert not any("update" in line.text for line in tree("dev", "shop", services, provenance=True))
    up = Update(3, "update", "succeeded", NOTED - timedelta(seconds=3), NOTED, "", {}, {}, {}, {})
    services = with_updates(services, [up], "prod")
    assert services["shop"].to_json()["colors"]["blue"]["update"] == 3
    assert [line.text for line in tree("dev", "shop", services, provenance=True)][2:-1] == [
        "├─ blue    1.0.0 build 1  live  ✔ 2/2 pods ready",
        "│  image       shop:1.0.0",
        f"│  runs        sha256:{'a' * 64} (digest of its config: from no registry)",
        f"│  commit      {'c' * 40}",
        "│  deployed    by ann, 2026-11-21T18:47:06Z, https://forge.example/runs/7",
        "│  update      3",
        "│  stack       cutover/prod",
        "│  config      digest 0123456789",
        "│  ├─ shop-blue-5  ✔ ready  5m",
        "│  └─ shop-blue-6  ✔ ready  6m",
    ]


def test_what_is_not_deployed_yet_and_drift() -> None:
    found = judge(view(shop=rolling(), other=blue_green(green=None)), {})
    assert [line.text for line in tree("dev", "shop", found)] == [
        "dev  namespace shop",
        "shop  ◌ progressing  rolling",
        "├─ release 1.0.0 build 1  • not there",
        "├─ gates: rollout: surge 25%, unavailable 0",
        "└─ ⚠ shop: config deployed, cluster not there",
        "   fix: `cutover up --stack test` deploys it",
        "other  ◌ progressing  live nothing, config wants blue",
        "├─ blue    1.0.0 build 1  • not there",
        "├─ gates: 2 of 2 pods ready within 120 s; endpoints verified after the switch",
        "└─ ⚠ other: config deployed, cluster not there",
        "   fix: `cutover up --stack test` deploys it",
    ]


def test_a_service_in_one_line_and_why_it_is_not_there_yet() -> None:
    found = paused()
    assert summary(found["shop"]) == "shop: progressing; blue live 2/2 (Terminating), green preview 0/2 (starting)"
    assert why_not("paused", found) == (
        "shop blue: 2 of 2 pods ready (Terminating); shop green: 0 of 2 pods ready (starting)"
    )


def test_healthy_is_not_paused_without_a_preview() -> None:
    config, made = view(shop=blue_green(green=None)), gather([service()], [deployment()], pods(), NOW)
    found = judge(config, made)
    assert why_not("healthy", found) is None
    assert why_not("paused", found) == "no release waits to be promoted"
    assert summary(found["shop"]) == "shop: healthy; blue live 2/2"


def test_ages_read_as_in_kubectl() -> None:
    assert [age(seconds) for seconds in (0, 59, 119, 120, 7199, 7200, 172799, 172800)] == [
        "0s", "59s", "119s", "2m", "119m", "2h", "47h", "2d",
    ]  # fmt: skip


def test_a_stack_without_services_says_so() -> None:
    (line,) = tree("dev", "", {})
    assert line.text == "dev  no services in its config (cutover:services); a program's own are not looked at"
