"""What a service with Jobs registers, and in which order its gates and Jobs run."""

import asyncio
from typing import Any

import pytest

from components import BlueGreenService, ConfigError, Release, ReleaseGroup, ReleaseJob, SmokeCheck
from components.hooks import jobs
from components.rules.errors import RollbackForbidden
from tests.components.fake_jobs import JobCluster
from tests.components.fakes import Recorder, make_pod, run_program

BLUE = Release(version="1.0.0", build=1, image="shop:1")
GREEN = Release(version="2.0.0", build=7, image="shop:2", env={"MODE": "new"})
STEP = ReleaseJob(args=("migrate", "expand"), env={"TARGET": "$(CUTOVER_URL)"}, timeout_seconds=90, retries=2)
FIELDS: dict[str, Any] = {
    "port": 8080, "blue": BLUE, "green": GREEN, "gate_timeout_seconds": 1, "before_cutover": STEP,
    "after_cutover": ReleaseJob(image="tools:1", command=("contract",)), "env_from_secrets": ("db",),
}  # fmt: skip


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> JobCluster:
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0.001)
    return JobCluster()


def build(cluster: JobCluster, active: str = "green", **fields: Any) -> BlueGreenService:
    made: list[BlueGreenService] = []

    def program() -> Any:
        given = {**FIELDS, "active": active, **fields}
        made.append(BlueGreenService("shop", namespace="ns", cluster=cluster, **given))
        return made[0].active

    run_program(program)
    return made[0]


def registered(recorder: Recorder, cluster: JobCluster) -> None:
    """What the engine would have made by now, ready."""
    for one in recorder.resources:
        if one.type.endswith(":Job"):
            cluster.register(one.inputs)
        elif one.type.endswith(":Deployment"):
            template = one.inputs["spec"]["template"]
            image = template["spec"]["containers"][0]["image"]
            cluster.all_pods += [make_pod(f"{one.name}-{n}", template["metadata"]["labels"], image) for n in (1, 2)]


def test_the_jobs_of_both_colors_are_registered_and_held_back(recorder: Recorder, cluster: JobCluster) -> None:
    build(cluster)
    found = {r.name: r.inputs for r in recorder.resources if r.type.endswith(":Job")}
    releases = ("blue-1-0-0-b1", "green-2-0-0-b7")
    assert found.keys() == {f"shop-{release}-{phase}" for release in releases for phase in ("before", "after")}
    for job in found.values():
        assert job["spec"]["suspend"] is True
        assert job["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"


def test_a_job_is_a_pod_of_its_release_that_ends(recorder: Recorder, cluster: JobCluster) -> None:
    build(cluster)
    pod = recorder.find("Deployment", "shop-green-2-0-0-b7")["spec"]["template"]["spec"]
    job = recorder.find("Job", "shop-green-2-0-0-b7-before")["spec"]
    assert (job["activeDeadlineSeconds"], job["backoffLimit"]) == (90, 2)
    (container,) = job["template"]["spec"]["containers"]
    env = {entry["name"]: entry["value"] for entry in container["env"]}
    assert env["CUTOVER_VERSION"] == "2.0.0"
    assert (env["CUTOVER_COLOR"], env["CUTOVER_PHASE"]) == ("green", "before")
    assert env["CUTOVER_URL"] == "http://shop-green.ns.svc:80"
    assert (env["MODE"], env["TARGET"]) == ("new", "$(CUTOVER_URL)")
    assert list(env).index("CUTOVER_URL") < list(env).index("TARGET")  # Kubernetes expands what came before
    assert (container["image"], container["args"]) == ("shop:2", ["migrate", "expand"])
    for same in ("envFrom", "securityContext", "imagePullPolicy"):
        assert container[same] == pod["containers"][0][same]
    assert job["template"]["spec"]["securityContext"] == pod["securityContext"]
    assert not container.keys() & {"ports", "readinessProbe", "livenessProbe", "startupProbe", "lifecycle"}
    (other,) = recorder.find("Job", "shop-green-2-0-0-b7-after")["spec"]["template"]["spec"]["containers"]
    assert (other["image"], other["command"]) == ("tools:1", ["contract"])
    assert "args" not in other


def test_no_service_and_no_budget_takes_a_job_s_pod(recorder: Recorder, cluster: JobCluster) -> None:
    build(cluster, expose_both=True)
    labels = [r.inputs["spec"]["template"]["metadata"]["labels"] for r in recorder.resources if ":Job" in r.type]
    selectors = [r.inputs["spec"]["selector"] for r in recorder.resources if r.type.endswith(":Service")]
    budgets = [r.inputs["spec"]["selector"]["matchLabels"] for r in recorder.resources if "Budget" in r.type]
    assert len(labels) == 4
    assert len(selectors) == 4
    assert len(budgets) == 2
    for selector in selectors + budgets:
        assert not [one for one in labels if selector.items() <= one.items()]


def test_gates_then_the_job_then_gates_again_and_clearing_up_last(recorder: Recorder, cluster: JobCluster) -> None:
    shop = build(cluster, smoke=SmokeCheck(path="/", successes=1, interval_seconds=0.01))
    registered(recorder, cluster)
    assert shop.stages.idle is not None
    cluster.switch(shop.stages.idle.selector)
    cluster.asked.clear()
    asyncio.run(shop.stages.gate.pass_all())
    cluster.switch(shop.stages.target.selector)
    asyncio.run(shop._finish())
    steps = [line for line in cluster.asked if line.startswith(("GET", "let go", "end", "annotate cutover.dev/comp"))]
    assert steps == [
        "GET shop-green/",
        "let go shop-green-2-0-0-b7-before",
        "GET shop-green/",
        *(f"end shop-blue-1-0-0-b1-{number}" for number in (1, 2)),
        "annotate cutover.dev/completed=2-0-0-b7",
        "let go shop-green-2-0-0-b7-after",
    ]
    cluster.asked.clear()
    asyncio.run(shop.stages.gate.pass_all())
    asyncio.run(shop._finish())
    assert cluster.asked == [], "it has the traffic: nothing is asked or done again"


def test_a_release_that_is_not_ready_gets_no_job(recorder: Recorder, cluster: JobCluster) -> None:
    shop = build(cluster)
    registered(recorder, cluster)
    cluster.all_pods = [pod for pod in cluster.all_pods if "green" not in pod.name]
    with pytest.raises(Exception, match="is not ready"):
        asyncio.run(shop.stages.gate.pass_all())
    assert cluster.asked == []


def test_a_group_runs_all_jobs_before_any_switch_and_clears_up_after_all_are_there(
    recorder: Recorder, cluster: JobCluster
) -> None:
    made: list[ReleaseGroup] = []

    def program() -> Any:
        services = {"api": FIELDS, "web": FIELDS}
        made.append(ReleaseGroup("shop", namespace="ns", active="green", services=services, cluster=cluster))
        return made[0].active

    run_program(program)
    registered(recorder, cluster)
    asyncio.run(made[0]._all_pass())
    assert cluster.asked == ["let go api-green-2-0-0-b7-before", "let go web-green-2-0-0-b7-before"]
    asyncio.run(made[0]._all_pass())
    assert len(cluster.asked) == 2


def test_a_forbidden_way_back_refuses_before_the_job(recorder: Recorder, cluster: JobCluster) -> None:
    shop = build(cluster, "blue", green=GREEN.model_copy(update={"rollback": "forbidden"}))
    registered(recorder, cluster)
    assert shop.stages.idle is not None
    cluster.switch(shop.stages.idle.selector)
    with pytest.raises(RollbackForbidden, match=r"2\.0\.0 build 7"):
        asyncio.run(shop.stages.gate.pass_all())
    with pytest.raises(RollbackForbidden):
        asyncio.run(shop.stages.gate.restore())
    assert cluster.asked == []


def test_a_job_that_would_start_the_application_is_refused(recorder: Recorder, cluster: JobCluster) -> None:
    with pytest.raises(ConfigError, match=r"shop\.before_cutover\.args"):
        build(cluster, before_cutover={"timeout_seconds": 5})
