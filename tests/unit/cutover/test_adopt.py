"""`cutover adopt`: what it refuses and warns of, the config it makes; an adopted service in the status."""

from collections.abc import Callable
from typing import Any

import pytest

from components.stack.load import parse
from components.takeover.entries import entries
from cutover.adopt.entry import AdoptOptions, Entry, make_entry
from cutover.adopt.findings import findings
from cutover.adopt.found import Found
from cutover.adopt.pin import image_to_write
from cutover.errors import GateRefused
from tests.unit.cutover.objects import ago

Json = dict[str, Any]
SELECTOR = {"app": "web"}
OLD: Json = {
    "version": "1.0.0",
    "build": 0,
    "image": "shop:1.0.0",
    "adopt": {"deployment": "web", "selector": SELECTOR},
}


def container(**changes: Any) -> Json:
    return {
        "name": "main",
        "image": "shop:1.0.0",
        "ports": [{"name": "web", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "web", "scheme": "HTTP"}, "periodSeconds": 5},
        "env": [{"name": "MODE", "value": "a"}],
        **changes,
    }


def deployment() -> Json:
    pod = {"containers": [container()], "terminationGracePeriodSeconds": 30, "restartPolicy": "Always"}
    return {
        "metadata": {"name": "web", "uid": "d", "generation": 1, "creationTimestamp": ago(600)},
        "spec": {"replicas": 3, "strategy": {}, "template": {"metadata": {"labels": dict(SELECTOR)}, "spec": pod}},
        "status": {"observedGeneration": 1, "updatedReplicas": 3, "readyReplicas": 3, "replicas": 3},
    }


def service() -> Json:
    owner = {"time": ago(500), "fieldsV1": {"f:spec": {"f:selector": {}}}}
    return {
        "metadata": {"name": "shop", "annotations": {"cutover.dev/completed": "1-0-0-b0"}, "managedFields": [owner]},
        "spec": {"selector": dict(SELECTOR), "clusterIP": "10.0.0.1", "ports": [{"port": 80, "targetPort": "web"}]},
    }


def pod(name: str, owner: str = "rs") -> Json:
    meta = {"name": name, "labels": dict(SELECTOR), "creationTimestamp": ago(60)}
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    return {"metadata": {**meta, "ownerReferences": [{"kind": "ReplicaSet", "uid": owner}]}, "status": ready}


def found() -> Found:
    sets = [{"metadata": {"name": "web-1", "uid": "rs", "ownerReferences": [{"uid": "d", "kind": "Deployment"}]}}]
    return Found("ns", deployment(), service(), [pod(f"web-{i}") for i in range(3)], sets, [], [])


def pod_of(live: Found) -> Json:
    spec: Json = live.deployment["spec"]["template"]["spec"]
    return spec


def entry(live: Found, strategy: str = "blue-green", readiness: str | None = None) -> Entry:
    """The entry by the program's own taking over."""
    asked = AdoptOptions(strategy, "blue", image_to_write(live, pin=True)[0], "1.0.0", 0, readiness)
    name = live.container["name"]
    return make_entry(live, asked, lambda objects: entries(objects, blue_green=False, container=name))


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_has_ended_is_in_nobody_s_way(phase: str) -> None:
    live = found()
    job = pod("web-migrate", "job")
    job["status"] = {"phase": phase}
    job["spec"] = {"containers": [{"name": "migrate"}, {"name": "proxy"}]}
    live.pods.append(job)
    assert not any(one.refuses for one in findings(live))
    assert not live.mates


def autoscaler() -> Json:
    return {"metadata": {"name": "web"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}


def test_what_is_fit_is_only_warned_of() -> None:
    said = findings(found())
    assert [one.refuses for one in said] == [False]
    assert "preStop" in said[0].what


@pytest.mark.parametrize(
    ("change", "says", "fix"),
    [
        (lambda f: f.deployment["spec"].update(paused=True), "is paused", "rollout resume"),
        (lambda f: f.deployment["spec"].update(replicas=0), "wants 0 pods", "scale it up"),
        (lambda f: f.deployment["status"].update(updatedReplicas=1), "1 are of its newest template", "rollout status"),
        (lambda f: f.service["spec"].update(clusterIP="None"), "is headless", "address of its own"),
        (lambda f: f.service["spec"].update(type="ExternalName"), "ExternalName", "selects the pods"),
        (lambda f: f.service["spec"].update(selector=None), "has no selector", "selects the pods"),
        (lambda f: f.service["spec"]["ports"][0].update(protocol="UDP"), "no TCP port", "with a TCP port"),
        (lambda f: f.service["spec"]["ports"][0].update(targetPort="x"), "a port named 'x'", "or a number"),
        (
            lambda f: (
                pod_of(f)["containers"].insert(0, {"name": "proxy", "image": "x"}),
                f.service["spec"]["ports"][0].update(targetPort=7000),
            ),
            "sends to port 7000, and none of the containers proxy, main declares it",
            "cutover adopt shop --container NAME",
        ),
        (lambda f: f.pods.append(pod("stranger", "other")), "finds stranger too", "narrow"),
        (lambda f: f.service["spec"].update(selector={"a": "b"}), "does not find the pods", "--deployment"),
        (
            lambda f: f.service["metadata"]["annotations"].update({"argocd.argoproj.io/tracking-id": "x"}),
            "belongs to Argo CD",
            "without pruning",
        ),
        (
            lambda f: f.deployment["metadata"].update(labels={"kustomize.toolkit.fluxcd.io/name": "x"}),
            "belongs to Flux",
            "without pruning",
        ),
        (
            lambda f: f.deployment["metadata"].update(labels={"app.kubernetes.io/managed-by": "pulumi"}),
            "is made by Pulumi",
            "in the stack that made it",
        ),
        (
            lambda f: f.deployment["metadata"].update(ownerReferences=[{"kind": "Shop", "uid": "s"}]),
            "is owned by a Shop",
            "operator",
        ),
    ],
)
def test_what_stands_in_the_way_is_refused(change: Callable[[Found], None], says: str, fix: str) -> None:
    live = found()
    change(live)
    (refusal,) = [one for one in findings(live) if one.refuses]
    assert says in refusal.what
    assert fix in refusal.fix
    assert len(refusal.why) > 20


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.autoscalers.append(autoscaler()), "HorizontalPodAutoscaler web scales"),
        (
            lambda f: f.budgets.append(
                {"metadata": {"name": "b"}, "spec": {"selector": {"matchLabels": dict(SELECTOR)}}}
            ),
            "PodDisruptionBudget b guards",
        ),
        (
            lambda f: f.service["metadata"]["annotations"].update({"meta.helm.sh/release-name": "shop"}),
            "Helm made it (release shop)",
        ),
        (
            lambda f: f.service["metadata"]["annotations"].update(
                {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
            ),
            "`kubectl apply` made it",
        ),
    ],
)
def test_what_its_owner_should_know_is_warned_of(change: Callable[[Found], None], says: str) -> None:
    live = found()
    change(live)
    said = findings(live)
    assert not [one for one in said if one.refuses]
    assert says in "".join(one.what for one in said)


def test_the_entry_resembles_what_runs_and_is_good_config() -> None:
    made = entry(found())
    assert list(made.settings)[:3] == ["strategy", "active", "adopt_service"]
    assert made.settings["port"] == 8080
    assert made.settings["port_name"] == "web"
    assert made.settings["replicas"] == 3
    assert made.settings["readiness"] == {"path": "/ready", "period_seconds": 5}
    assert made.settings["env"] == {"MODE": "a"}
    assert made.settings["blue"] == OLD
    assert parse("ns", {"shop": made.settings}).blue_green("shop").blue
    rolling = entry(found(), "rolling").settings
    assert rolling["release"] == OLD
    assert parse("ns", {"shop": rolling}).services["shop"].strategy == "rolling"


def test_what_looks_like_a_secret_is_not_copied() -> None:
    live = found()
    pod_of(live)["containers"][0] |= {
        "env": [
            {"name": "MODE", "value": "a"},
            {"name": "DB_PASSWORD", "value": "hunter2"},
            {"name": "DATABASE_URL", "value": "postgres://u:hunter2@db"},
        ],
        "command": ["serve"],
        "args": ["--db-password", "hunter2"],
    }
    made = entry(live)
    assert made.settings["env"] == {"MODE": "a"}
    assert made.settings["command"] == ["serve"]
    assert "args" not in made.settings
    assert "hunter2" not in str(made)
    lost = "\n".join(made.lost)
    assert "pulumi config set --secret cutover:db-password`, and write DB_PASSWORD: db-password below `secrets`" in lost
    assert "env DATABASE_URL" in lost
    assert "args of the application: it looks like a secret" in lost


def test_what_has_no_key_is_carried_in_the_fragment() -> None:
    live = found()
    spec = pod_of(live)
    spec["containers"][0] |= {
        "env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
        "envFrom": [{"secretRef": {"name": "s"}}, {"configMapRef": {"name": "c"}, "prefix": "P_"}],
        "readinessProbe": {"tcpSocket": {"port": 8080}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/cache"}, {"name": "data", "mountPath": "/data"}],
        "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
        "securityContext": {"runAsUser": 1000, "readOnlyRootFilesystem": True},
    }
    spec["containers"].append({"name": "proxy", "image": "x"})
    spec |= {
        "initContainers": [{"name": "migrate", "image": "y"}],
        "nodeSelector": {"disk": "ssd"},
        "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "data", "persistentVolumeClaim": {"claimName": "d"}}],
        "terminationGracePeriodSeconds": 4,
    }
    made = entry(live)
    fragment = made.settings["pod"]["spec"]
    assert fragment["nodeSelector"] == {"disk": "ssd"}
    assert [one["name"] for one in fragment["volumes"]] == ["tmp", "data"]
    assert fragment["initContainers"] == [{"name": "migrate", "image": "y"}]
    assert [one["name"] for one in fragment["containers"]] == ["app", "proxy"]
    assert fragment["containers"][0]["env"] == spec["containers"][0]["env"]
    assert made.settings["readiness"]["kind"] == "tcp"
    assert made.settings["resources"] == {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}}
    security = fragment["containers"][0]["securityContext"]
    assert security == {"allowPrivilegeEscalation": None, "capabilities": None, "runAsUser": 1000}
    assert made.settings["drain_seconds"] == 2
    assert made.lost == ["pod label app: by it the old Service or budget would find new pods too"]
    assert parse("ns", {"shop": made.settings})


def test_a_service_with_several_ports_keeps_them() -> None:
    live = found()
    live.service["spec"]["ports"][0]["name"] = "web"  # more than one need names
    live.service["spec"]["ports"] += [{"name": "metrics", "port": 9090}, {"name": "dns", "port": 53, "protocol": "UDP"}]
    pod_of(live)["containers"][0]["ports"] += [
        {"name": "metrics", "containerPort": 9090},
        {"name": "dns", "containerPort": 5353, "protocol": "UDP"},
    ]
    assert [one for one in findings(live) if one.refuses] == []
    made = entry(live).settings
    assert made["ports"] == {"metrics": 9090}
    assert not {"service", "services", "budget", "autoscaler"} & made.keys()
    (container,) = made["pod"]["spec"]["containers"]
    assert {"containerPort": 5353, "name": "dns", "protocol": "UDP"} in container["ports"]


def test_without_a_readiness_probe_it_has_none_unless_one_is_named() -> None:
    live = found()
    del pod_of(live)["containers"][0]["readinessProbe"]
    assert entry(live).settings["readiness"] == "none"
    assert entry(live, readiness="/health").settings["readiness"] == {"path": "/health"}


def test_recreate_is_kept_by_a_rolling_service_and_said_of_two_colors() -> None:
    live = found()
    live.deployment["spec"]["strategy"] = {"type": "Recreate"}
    assert entry(live, "rolling").settings["update"] == "recreate"
    made = entry(live)
    assert "update" not in made.settings
    assert "strategy Recreate: two releases will run side by side" in made.lost[0]


def test_what_the_settings_cannot_hold_is_refused() -> None:
    live = found()
    live.deployment["spec"]["minReadySeconds"] = -1
    with pytest.raises(GateRefused, match="shop cannot be adopted") as refused:
        entry(live)
    assert "min_ready_seconds is -1" in str(refused.value)
