"""What a rolling app registers."""

from typing import Any

import pytest

from components import Autoscale, ConfigError, HttpProbe, Release, Resources, RollingApp, Security
from components.settings import Compute
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.components.time_limits import time_limits

RELEASE = Release(version="1.0.0", build=1, image="shop:1")
CPU = Resources(requests=Compute(cpu="100m"))


def build(recorder: Recorder, **fields: Any) -> None:
    values: dict[str, Any] = {"port": 8080, "release": RELEASE} | fields
    run_program(lambda: RollingApp("shop", namespace="ns", cluster=FakeCluster(), **values).release)


def deployment(recorder: Recorder) -> dict[str, Any]:
    spec: dict[str, Any] = recorder.find("Deployment", "shop")["spec"]
    return spec


def container(recorder: Recorder) -> dict[str, Any]:
    found: dict[str, Any] = deployment(recorder)["template"]["spec"]["containers"][0]
    return found


def test_the_selector_never_names_the_release(recorder: Recorder) -> None:
    build(recorder)
    selector = deployment(recorder)["selector"]["matchLabels"]
    assert selector == {"app.kubernetes.io/instance": "shop"}
    assert recorder.find("Service", "shop")["spec"]["selector"] == selector
    labels = deployment(recorder)["template"]["metadata"]["labels"]
    assert selector.items() <= labels.items()
    assert labels["cutover.dev/revision"] == "1-0-0-b1"


def test_its_services_are_there_before_its_pods(recorder: Recorder) -> None:
    build(recorder, services={"shop-internal": {"spec": {"type": "ClusterIP"}}})
    kinds = [(r.type.rpartition(":")[2], r.name) for r in recorder.resources]
    services, workload = {("Service", "shop"), ("Service", "shop-internal")}, ("Deployment", "shop")
    assert services <= set(kinds[: kinds.index(workload)])


def test_more_labels_go_on_the_pods_and_into_no_selector(recorder: Recorder) -> None:
    build(recorder, pod_labels={"tier": "front"})
    assert deployment(recorder)["template"]["metadata"]["labels"]["tier"] == "front"
    assert "tier" not in deployment(recorder)["selector"]["matchLabels"]
    with pytest.raises(ConfigError, match="a label that this program gives to its pods"):
        build(recorder, pod_labels={"app.kubernetes.io/instance": "other"})


def test_defaults_are_the_safe_ones(recorder: Recorder) -> None:
    build(recorder)
    spec = deployment(recorder)
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": "25%", "maxUnavailable": 0}
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] > 5
    assert container(recorder)["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}
    assert container(recorder)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert spec["template"]["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert recorder.find("PodDisruptionBudget", "shop")["spec"]["maxUnavailable"] == 1


def test_one_replica_has_no_budget_that_would_block_every_eviction(recorder: Recorder) -> None:
    build(recorder, replicas=1)
    assert not [r for r in recorder.resources if r.type.endswith("PodDisruptionBudget")]


def test_an_autoscaler_owns_the_count(recorder: Recorder) -> None:
    build(
        recorder,
        autoscale=Autoscale(min_replicas=3, max_replicas=9),
        resources=CPU,
    )
    assert "replicas" not in deployment(recorder)
    scaler = recorder.find("HorizontalPodAutoscaler", "shop")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 9)
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}


@pytest.mark.parametrize(
    ("probe", "made"),
    [
        ({"kind": "tcp"}, {"tcpSocket": {"port": "http"}}),
        ({"kind": "tcp", "port": "admin"}, {"tcpSocket": {"port": "admin"}}),
        ({"kind": "grpc"}, {"grpc": {"port": 8080}}),
        ({"kind": "grpc", "port": 9000, "grpc_service": "shop"}, {"grpc": {"port": 9000, "service": "shop"}}),
        ({"kind": "exec", "command": ["ready", "-q"]}, {"exec": {"command": ["ready", "-q"]}}),
        (
            {"path": "/", "scheme": "HTTPS", "headers": {"X-Probe": "1"}},
            {
                "httpGet": {
                    "path": "/",
                    "port": "http",
                    "scheme": "HTTPS",
                    "httpHeaders": [{"name": "X-Probe", "value": "1"}],
                }
            },
        ),
    ],
)
def test_every_kind_of_probe(recorder: Recorder, probe: dict[str, Any], made: dict[str, Any]) -> None:
    wanted = HttpProbe.model_validate(probe)
    build(recorder, readiness=wanted, liveness=wanted, startup=wanted, ports={"admin": 9090})
    times = {"periodSeconds": 2, "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1}
    for name in ("readinessProbe", "livenessProbe", "startupProbe"):
        assert container(recorder)[name] == {**made, **times}


def test_without_a_readiness_probe_time_has_to_show_that_a_pod_stays(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.warn", lambda line, _: said.append(line))
    build(recorder, readiness="none")
    assert "readinessProbe" not in container(recorder)
    assert deployment(recorder)["minReadySeconds"] == 10
    assert len(said) == 1
    assert said[0].startswith("container app has no readiness probe: its pods get traffic as soon as they run")


def test_a_time_that_is_written_down_is_kept_without_a_probe(recorder: Recorder) -> None:
    build(recorder, readiness="none", min_ready_seconds=1)
    assert deployment(recorder)["minReadySeconds"] == 1


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"replicas": 1}, 315),
        ({"replicas": 4}, 4 * 300 + 15),
        ({"replicas": 20}, 4 * 300 + 15),
        ({"replicas": 20, "max_surge": "50%"}, 2 * 300 + 15),
        ({"replicas": 20, "max_surge": "25%", "max_unavailable": 5}, 2 * 300 + 15),
        ({"replicas": 4, "max_surge": 4}, 315),
        ({"replicas": 4, "progress_deadline_seconds": 60}, 4 * 60 + 15),
        ({"replicas": 4, "update": "recreate"}, 315),
        ({"autoscale": Autoscale(min_replicas=2, max_replicas=5), "resources": CPU}, 4 * 300 + 15),
        ({"replicas": 0}, 315),
    ],
)
def test_an_update_has_the_deadline_for_each_of_its_rounds(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], seconds: int
) -> None:
    limits = time_limits(monkeypatch)
    build(recorder, **fields)
    first = fields.get("progress_deadline_seconds", 300) + 15  # new pods start all at once
    assert limits == [{"create": f"{first}s", "update": f"{seconds}s"}]


def test_every_port_is_one_of_the_service(recorder: Recorder) -> None:
    build(recorder, port_name="web", ports={"metrics": 9090})
    assert container(recorder)["ports"] == [
        {"name": "web", "containerPort": 8080, "protocol": "TCP"},
        {"name": "metrics", "containerPort": 9090, "protocol": "TCP"},
    ]
    assert recorder.find("Service", "shop")["spec"]["ports"] == [
        {"name": "http", "port": 80, "targetPort": "web", "protocol": "TCP"},
        {"name": "metrics", "port": 9090, "targetPort": "metrics", "protocol": "TCP"},
    ]


def test_every_pod_setting_arrives(recorder: Recorder) -> None:
    build(
        recorder,
        command=("/app",),
        args=("--fast",),
        env={"B": "2", "A": "1"},
        env_from_config_maps=("shared",),
        env_from_secrets=("password",),
        resources=Resources(requests=Compute(cpu="100m", memory="64Mi"), limits=Compute(memory="128Mi")),
        readiness=HttpProbe(path="/ready", port=9000),
        liveness=HttpProbe(path="/alive", period_seconds=10),
        startup=HttpProbe(path="/started", failure_threshold=30),
        writable_paths=("/tmp",),  # noqa: S108
        security=Security(add_capabilities=("NET_BIND_SERVICE",)),
        image_pull_secrets=("registry",),
        service_account="shop",
    )
    made, spec = container(recorder), deployment(recorder)["template"]["spec"]
    assert (made["command"], made["args"]) == (["/app"], ["--fast"])
    assert made["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert made["envFrom"] == [{"configMapRef": {"name": "shared"}}, {"secretRef": {"name": "password"}}]
    assert made["resources"] == {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    assert made["readinessProbe"]["httpGet"] == {"path": "/ready", "port": 9000, "scheme": "HTTP"}
    assert made["livenessProbe"]["periodSeconds"] == 10
    assert made["startupProbe"]["failureThreshold"] == 30
    assert made["volumeMounts"] == [{"name": "writable-0", "mountPath": "/tmp"}]  # noqa: S108
    assert spec["volumes"] == [{"name": "writable-0", "emptyDir": {}}]
    assert made["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert spec["serviceAccountName"] == "shop"
    assert spec["automountServiceAccountToken"] is True


def test_a_change_of_configuration_is_a_rollout(recorder: Recorder) -> None:
    build(recorder, config={"MODE": "a"})
    first = container(recorder)["envFrom"]
    recorder.resources.clear()
    build(recorder, config={"MODE": "b"})
    assert container(recorder)["envFrom"] != first


def test_bad_fields_are_refused(recorder: Recorder) -> None:
    with pytest.raises(ConfigError, match=r"shop\.max_unavailable"):
        build(recorder, max_surge=0, max_unavailable=0)


def test_a_worker_has_no_service_and_no_pause(recorder: Recorder) -> None:
    told: dict[str, Any] = {}

    def program() -> Any:
        made = RollingApp("queue", namespace="ns", cluster=FakeCluster(), release=RELEASE)
        return made.address.apply(lambda address: told.update(address=address))

    run_program(program)
    assert {one.type.rpartition(":")[2] for one in recorder.resources} == {
        "RollingApp",
        "Deployment",
        "PodDisruptionBudget",
    }
    assert told == {"address": None}
    spec = recorder.find("Deployment", "queue")["spec"]
    assert spec["minReadySeconds"] == 10
    made = spec["template"]["spec"]["containers"][0]
    assert {"ports", "readinessProbe", "lifecycle"} & set(made) == set()


def test_a_worker_has_the_probe_and_the_pause_that_it_asks_for(recorder: Recorder) -> None:
    probe = HttpProbe(kind="exec", command=("ready",))
    build(recorder, port=None, readiness=probe, drain_seconds=7)
    assert container(recorder)["readinessProbe"]["exec"] == {"command": ["ready"]}
    assert container(recorder)["lifecycle"] == {"preStop": {"sleep": {"seconds": 7}}}
    assert deployment(recorder)["minReadySeconds"] == 2
