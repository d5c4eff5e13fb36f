"""`cutover adopt`: what it refuses and warns of, the config it makes; an adopted service in the status."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.stack.load import parse
from components.takeover.entries import entries
from contract.labels import COLOR, INSTANCE, REVISION
from cutover.adopt.entry import AdoptOptions, Entry, make_entry
from cutover.adopt.findings import findings
from cutover.adopt.found import Found
from cutover.adopt.pin import image_to_write
from cutover.errors import GateRefused
from cutover.observe.adopted import adopts, described, selector_of
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from tests.unit.cutover.objects import NOW, V2, ago, blue_green, view

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


def status(active: str, live_selector: Json) -> Any:
    config = blue_green(adopt_service=True, active=active, blue=OLD, green=V2)
    stack = view(shop=config)
    assert adopts(stack)
    live = service()
    live["spec"]["selector"] = live_selector
    live["metadata"]["annotations"]["cutover.dev/completed"] = live_selector.get(REVISION, "1-0-0-b0")
    lists = {
        "services": [live, {"metadata": {"name": "other"}, "spec": {}}],
        "deployments": [deployment()],
        "pods": [*(pod(f"web-{i}") for i in range(3)), {"metadata": {"name": "stranger"}}],
    }
    before = copy.deepcopy(lists)
    shown = described(stack, lists)
    assert lists == before
    assert [item["metadata"]["name"] for item in shown["services"]] == ["shop"]
    assert len(shown["pods"]) == 3
    return judge(stack, gather(shown["services"], shown["deployments"], shown["pods"], NOW))["shop"]


def test_an_adopted_color_shows_as_what_serves() -> None:
    seen = status("blue", SELECTOR)
    assert (seen.live_color, seen.live_revision, seen.completed) == ("blue", "1-0-0-b0", True)
    blue = seen.colors["blue"]
    assert (blue.role, blue.release, blue.wanted, blue.ready, blue.image) == (
        "live", "1.0.0 build 0", 3, 3, "shop:1.0.0",
    )  # fmt: skip
    assert [line for line in seen.drift if "green" not in line] == []


def test_and_as_the_standby_after_the_first_cutover() -> None:
    green = {INSTANCE: "shop", COLOR: "green", REVISION: "1-1-0-b1"}
    seen = status("green", green)
    assert (seen.live_color, seen.colors["blue"].role) == ("green", "standby")


def test_the_switch_at_once_knows_both_selectors() -> None:
    shop = view(shop=blue_green(adopt_service=True, blue=OLD, green=V2)).services["shop"]
    assert selector_of(shop, "blue", "1-0-0-b0") == SELECTOR
    assert selector_of(shop, "green", "1-1-0-b1") == {INSTANCE: "shop", COLOR: "green", REVISION: "1-1-0-b1"}


def beside_service(name: str, selector: Json) -> Json:
    return {"metadata": {"name": name}, "spec": {"selector": selector}}


def policy(name: str, selector: Json, **spec: Any) -> Json:
    return {"metadata": {"name": name}, "spec": {"podSelector": {"matchLabels": selector}, **spec}}


def labeled(**labels: str) -> Found:
    live = found()
    live.deployment["spec"]["template"]["metadata"]["labels"] |= labels
    return live


def test_what_else_finds_the_pods_is_said_and_its_labels_are_carried() -> None:
    live = labeled(tier="front", team="a")
    live.services.extend(
        [service(), beside_service("metrics", {"tier": "front"}), beside_service("other", {"tier": "x"})]
    )
    assert live.policies is not None
    live.policies.append(policy("let-in", {}, ingress=[{"from": [{"podSelector": {"matchLabels": {"team": "a"}}}]}]))
    said = [one for one in findings(live) if "finds its pods too" in one.what]
    assert [one.what.partition(" finds")[0] for one in said] == ["the Service metrics", "the NetworkPolicy let-in"]
    assert all("written as `pod_labels`" in one.why and not one.refuses for one in said)
    made = entry(live)
    assert made.settings["pod_labels"] == {"tier": "front", "team": "a"}
    assert "metadata" not in made.settings["pod"]
    assert parse("ns", {"shop": made.settings}).blue_green("shop").pod_labels == {"tier": "front", "team": "a"}


def test_labels_that_would_let_the_adopted_selector_find_new_pods_are_not_carried() -> None:
    live = labeled(tier="front")
    live.services.extend(
        [beside_service("metrics", dict(SELECTOR)), beside_service("both", {**SELECTOR, "tier": "front"})]
    )
    said = [one for one in findings(live) if "finds its pods too" in one.what]
    assert ["its clients meet nobody" in one.why for one in said] == [True, True]
    assert "app.kubernetes.io/instance: shop" in said[0].fix
    assert entry(live).settings["pod_labels"] == {"tier": "front"}


def test_all_labels_are_carried_but_those_by_which_the_old_pods_are_found() -> None:
    live = labeled(team="a", owner="b", **{"app.kubernetes.io/name": "x"})
    live.budgets.append({"metadata": {"name": "b"}, "spec": {"selector": {"matchLabels": {"owner": "b"}}}})
    made = entry(live)
    assert made.settings["pod_labels"] == {"team": "a"}
    assert [line.partition(":")[0] for line in made.lost] == ["pod label app", "pod label owner"]


def test_policies_that_may_not_be_read_are_said() -> None:
    assert any("may not read NetworkPolicies" in one.what for one in findings(replace(found(), policies=None)))
