"""Kinds of manifests that occur in the field: each is taken over with nothing lost, or refused with its own path."""

from typing import Any

import pytest

from components.takeover.__main__ import judge
from components.takeover.entries import entries
from components.takeover.workloads import Workload, workloads

Json = dict[str, Any]


def deployment(name: str = "web", **spec: Any) -> Json:
    pod = {"containers": [{"name": "main", "image": "shop:1", "ports": [{"containerPort": 8080}]}]}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"template": template, **spec},
    }


def pod_of(item: Json) -> Json:
    found: Json = item["spec"]["template"]["spec"]
    return found


def service(name: str = "web", *ports: Json, **spec: Any) -> Json:
    spec = {"selector": {"app": name}, "ports": list(ports) or [{"port": 80, "targetPort": 8080}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def judged(*objects: Json) -> tuple[str, list[str]]:
    (one,) = workloads(objects)
    return judge(one)


def settings(*objects: Json, blue_green: bool = False) -> Json:
    ((_, made),) = entries(objects, blue_green=blue_green)["services"].items()
    return dict(made)


def probed(**probe: Any) -> Json:
    made = deployment()
    pod_of(made)["containers"][0]["readinessProbe"] = probe
    return made


def test_a_pod_that_ends_at_once_has_no_pause() -> None:
    web = deployment()
    pod_of(web)["terminationGracePeriodSeconds"] = 0
    for objects in ((web, service()), (web,)):
        assert judged(*objects) == ("whole", [])
        made = settings(*objects)
        assert (made["termination_grace_seconds"], made["drain_seconds"]) == (0, 0)


@pytest.mark.parametrize("action", [{"httpGet": {"path": "/a", "port": 8080}}, {"tcpSocket": {"port": 8080}}])
def test_a_probe_of_another_address_keeps_it(action: Json) -> None:
    ((kind, inner),) = action.items()
    web = probed(**{kind: {**inner, "host": "127.0.0.1"}})
    assert judged(web, service()) == ("whole", [])
    assert settings(web, service())["readiness"]["host"] == "127.0.0.1"


def test_a_path_without_its_slash_is_what_the_kubelet_asks() -> None:
    web = probed(httpGet={"path": "healthz?full=1", "port": 8080})
    pod_of(web)["containers"][0]["livenessProbe"] = {"httpGet": {"path": "live", "port": 8080}}
    assert judged(web, service()) == ("whole", [])
    assert settings(web, service())["readiness"]["path"] == "/healthz?full=1"


def test_a_short_deadline_has_room_without_a_probe() -> None:
    made = settings(deployment(progressDeadlineSeconds=3), service())
    assert (made["progress_deadline_seconds"], made["min_ready_seconds"]) == (3, 0)


def test_a_further_service_may_have_one_port_under_two_protocols() -> None:
    ports = [{"name": protocol.lower(), "port": 53, "protocol": protocol} for protocol in ("TCP", "UDP")]
    dns = {**service("web", *ports, type="LoadBalancer"), "metadata": {"name": "dns"}}
    assert judged(deployment(), service(), dns) == ("whole", [])


def test_the_volume_that_a_claim_takes_the_place_of_is_left_out() -> None:
    db = {**deployment("db", serviceName="db"), "kind": "StatefulSet"}
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    db["spec"]["volumeClaimTemplates"] = [claim]
    pod_of(db)["volumes"] = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "tmp", "emptyDir": {}},
    ]
    assert judged(db) == ("whole", [])
    assert [one["name"] for one in settings(db)["pod"]["spec"]["volumes"]] == ["tmp"]


def budget(**selector: Any) -> Json:
    spec = {"minAvailable": 1, "selector": selector}
    return {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": spec}


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "x"]}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchLabels": {"app": "other"}}, False),
        ({}, False),
    ],
)
def test_a_budget_is_found_by_all_that_a_selector_can_say(selector: Json, found: bool) -> None:
    made = entries([deployment(), service(), budget(**selector)], blue_green=False)
    assert ("budget" in made["services"]["web"]) is found
    assert made["left"] == ([] if found else ["PodDisruptionBudget b"])


def test_an_autoscaler_of_an_old_version_is_one_of_version_2() -> None:
    metrics = [
        {"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 60}},
        {"type": "Pods", "pods": {"metricName": "calls", "targetAverageValue": "10"}},
        {
            "type": "External",
            "external": {"metricName": "queue", "metricSelector": {"matchLabels": {"q": "a"}}, "targetValue": "5"},
        },
        {
            "type": "Object",
            "object": {"metricName": "r", "target": {"kind": "Ingress", "name": "i"}, "targetValue": "9"},
        },
    ]
    spec = {"maxReplicas": 5, "metrics": metrics, "scaleTargetRef": {"kind": "Deployment", "name": "web"}}
    old = {
        "apiVersion": "autoscaling/v2beta1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "a"},
        "spec": spec,
    }
    assert judged(deployment(), service(), old) == ("whole", [])
    made = settings(deployment(), service(), old)["autoscaler"]["spec"]["metrics"]
    assert made[0]["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    assert made[1]["pods"] == {"metric": {"name": "calls"}, "target": {"type": "AverageValue", "averageValue": "10"}}
    assert made[2]["external"] == {
        "metric": {"name": "queue", "selector": {"matchLabels": {"q": "a"}}},
        "target": {"type": "Value", "value": "5"},
    }
    assert made[3]["object"]["describedObject"] == {"kind": "Ingress", "name": "i"}


def test_a_service_of_several_workloads_is_taken_by_none() -> None:
    stable, canary = deployment("stable"), deployment("canary")
    for one in (stable, canary):
        one["spec"]["template"]["metadata"]["labels"]["app"] = "shop"
    shop = service("shop")
    made = entries([stable, canary, shop], blue_green=False)
    assert sorted(made["refused"]) == ["canary", "stable"]
    assert "app=shop finds the pods of other workloads" in made["refused"]["stable"][0]
    own = {**service("stable", selector={"app": "shop", "track": "stable"})}
    stable["spec"]["template"]["metadata"]["labels"]["track"] = "stable"
    made = entries([stable, canary, shop, own], blue_green=False)
    assert (list(made["services"]), list(made["refused"])) == (["stable"], ["canary"])
    assert "Service shop: it sends to other workloads too" in made["lost"]["stable"][0]


def test_two_workloads_of_one_name_are_not_one() -> None:
    second = {**deployment(), "metadata": {"name": "web", "namespace": "b"}}
    first = {**deployment(replicas=7), "metadata": {"name": "web", "namespace": "a"}}
    made = entries([first, second], blue_green=False)
    assert made["services"]["web"]["replicas"] == 7
    assert "a workload before it is the service web already" in made["refused"]["web"][0]


def test_an_object_without_a_namespace_is_where_the_others_are() -> None:
    web = {**deployment(), "metadata": {"name": "web", "namespace": "a"}}
    other = {**service(), "metadata": {"name": "web", "namespace": "b"}}
    assert "port" in settings(web, service())
    assert "port" not in settings(web, other)


def test_all_that_no_service_holds_is_said() -> None:
    web = deployment()
    of_argo = {"argocd.argoproj.io/tracking-id": "it would delete the new one"}
    web["metadata"] |= {"labels": {"app": "web", "team": "a"}, "annotations": {"reloader/auto": "true", **of_argo}}
    others = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{number}"}} for number in range(8)] + [
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "in"}},
        None,
        {},
    ]
    made = entries([web, service(), *others], blue_green=False)
    assert made["lost"]["web"] == []
    assert made["services"]["web"]["workload_labels"] == {"app": "web", "team": "a"}
    assert made["services"]["web"]["workload_annotations"] == {"reloader/auto": "true"}
    assert made["left"] == ["ConfigMap c0, c1, c2, c3, c4, c5 and 2 more", "Ingress in"]


def test_kinds_of_other_groups_are_left_alone() -> None:
    clone = {**deployment("clone"), "apiVersion": "apps.kruise.io/v1beta1", "kind": "StatefulSet"}
    knative = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"template": {}},
    }
    made = entries([deployment(), knative, clone], blue_green=False)
    assert list(made["services"]) == ["web"]
    assert made["left"] == ["Service web", "StatefulSet clone"]
    old = {**deployment(), "apiVersion": "extensions/v1beta1"}
    assert judged(old) == ("whole", [])


def test_what_the_settings_do_not_hold_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.takeover.entries.lost_of", lambda *_: ["spec.x"])
    assert entries([deployment()], blue_green=False)["lost"] == {"web": ["spec.x"]}


def broken(path: str, value: Any) -> Workload:
    """The workload and its Service with another value at a path of keys; None takes it away."""
    objects: Json = {"web": deployment(), "service": service()}
    owner: Any = objects
    *keys, last = (int(key) if key.isdecimal() else key for key in path.split("/"))
    for key in keys:
        owner = owner[key]
    if value is None:
        del owner[last]
    else:
        owner[last] = value
    return next(workloads(objects.values()))


POD = "web/spec/template/spec"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("web/spec", None, "web: spec.template: it has no pod template"),
        (POD, None, "web: spec.template: it has no pod template"),
        (f"{POD}/containers", [], "web: spec.template.spec.containers: there is none"),
        (f"{POD}/containers/0/image", None, "web: spec.template.spec.containers[0].image: main has none"),
        (f"{POD}/containers/0/image", "$IMAGE", "containers[0].image: '$IMAGE' is no reference of an image"),
        (f"{POD}/containers/0/image", "ko://a/b", "containers[0].image: 'ko://a/b' is no reference of an image"),
        (f"{POD}/containers/0/name", None, "containers[0]: containers[0] has no name"),
        (f"{POD}/containers/0/ports/0", {"name": "a"}, "ports[0]: ports[0] has no containerPort"),
        (f"{POD}/containers/0/livenessProbe", {"periodSeconds": 3}, "livenessProbe: it has none of httpGet, tcpSocket"),
        (f"{POD}/containers/0/livenessProbe", {"exec": {}}, "livenessProbe.exec: it has no command"),
        (
            f"{POD}/containers/0/env",
            [{"name": "A", "value": True}],
            "env[0].value: value is a truth value, text is wanted",
        ),
        (f"{POD}/initContainers", [{"name": "a"}], "spec.template.spec.initContainers[0].image: a has none"),
        (f"{POD}/$patch", "replace", 'spec.template.spec["$patch"]: $patch is a word of patches'),
        ("service/spec/ports", [{"port": 1}, {"port": 2}], "Service web: spec.ports[0].name: port 1 has no name"),
        ("service/spec/ports", [{"name": "a"}], "Service web: spec.ports[0]: ports[0] has no port"),
    ],
)
def test_what_is_not_whole_is_refused_by_the_manifest_s_own_path(path: str, value: Any, said: str) -> None:
    kind, reasons = judge(broken(path, value))
    assert kind == "refused"
    assert any(said in reason for reason in reasons), reasons


def test_clients_ask_for_a_service_with_an_address_then_for_the_one_of_the_workload_s_name() -> None:
    headless = {**service(clusterIP="None"), "metadata": {"name": "web-headless"}}
    metrics = {**service("web", {"port": 9090, "targetPort": 9090}), "metadata": {"name": "web-metrics"}}
    members = {**service(clusterIP="None", publishNotReadyAddresses=True), "metadata": {"name": "web-members"}}
    made = entries([deployment(), headless, members, metrics, service()], blue_green=False)["services"]
    assert list(made) == ["web"]
    assert sorted(made["web"]["services"]) == ["web-headless", "web-members", "web-metrics"]
    assert judged(deployment(), headless, members, metrics, service()) == ("whole", [])
    alone = settings(deployment(), members)
    assert "port" not in alone
    assert (alone["drain_seconds"], list(alone["services"])) == (5, ["web-members"])


def test_members_of_several_workloads_may_share_a_service() -> None:
    workers = [deployment("a"), deployment("b")]
    for one in workers:
        one["spec"]["template"]["metadata"]["labels"]["ring"] = "x"
    ring = {**service(selector={"ring": "x"}, publishNotReadyAddresses=True), "metadata": {"name": "ring"}}
    made = entries([*workers, ring], blue_green=True)
    assert list(made["services"]) == ["a", "b"]
    assert all("Service ring: it sends to other workloads too" in lines[0] for lines in made["lost"].values())


def test_an_empty_text_is_a_default_as_charts_leave_it() -> None:
    web = probed(httpGet={"path": "/a", "port": 8080, "httpHeaders": []})
    pod_of(web)["dnsPolicy"] = ""
    assert judged(web, service(externalTrafficPolicy="")) == ("whole", [])
    db = {**deployment("db", podManagementPolicy="", serviceName="db"), "kind": "StatefulSet"}
    assert judged(db) == ("whole", [])


INSTANCE = "app.kubernetes.io/instance"


def of_a_chart(name: str, *asked: str) -> Json:
    """A workload as a chart makes it; its pods stay away from pods of those names."""
    made = deployment(name)
    made["spec"]["template"]["metadata"]["labels"] = {INSTANCE: "rel", "app.kubernetes.io/name": name}
    terms = [
        {
            "topologyKey": "zone",
            "labelSelector": {
                "matchLabels": {INSTANCE: "rel", "app.kubernetes.io/name": other},
                "matchExpressions": [{"key": INSTANCE, "operator": "In", "values": ["rel", "old"]}],
            },
        }
        for other in asked
    ]
    pod_of(made)["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    return made


def test_pods_go_on_finding_their_own_kind_by_the_label_that_the_program_gives() -> None:
    made = entries([of_a_chart("web", "web", "db")], blue_green=False)
    affinity = made["services"]["web"]["pod"]["spec"]["affinity"]["podAntiAffinity"]
    own, other = affinity["requiredDuringSchedulingIgnoredDuringExecution"]
    assert own["labelSelector"] == {
        "matchLabels": {INSTANCE: "web", "app.kubernetes.io/name": "web"},
        "matchExpressions": [{"key": INSTANCE, "operator": "In", "values": ["web"]}],
    }
    assert other["labelSelector"]["matchLabels"][INSTANCE] == "rel"
    (line,) = made["lost"]["web"]
    assert line.startswith("spec.template.spec.affinity.podAntiAffinity.")
    assert "[1].labelSelector: it asks for a label that this project gives to its pods" in line
    assert judged(of_a_chart("web", "web")) == ("whole", [])


def test_what_finds_pods_by_such_a_label_is_said() -> None:
    web, db = of_a_chart("web"), of_a_chart("db")
    both = {**service(selector={INSTANCE: "rel"}, publishNotReadyAddresses=True), "metadata": {"name": "both"}}
    policy = {
        "kind": "NetworkPolicy",
        "metadata": {"name": "p"},
        "spec": {"podSelector": {"matchLabels": {INSTANCE: "rel"}}},
    }
    monitor = {
        "kind": "ServiceMonitor",
        "metadata": {"name": "m"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}},
    }
    agent = {**of_a_chart("agent"), "kind": "DaemonSet"}
    agent["spec"]["selector"] = {"matchLabels": {INSTANCE: "rel"}}
    made = entries([web, db, both, policy, monitor, agent], blue_green=False)
    assert made["following"] == ["NetworkPolicy p"]
    assert f"Take {INSTANCE}=rel out of its selector" in made["lost"]["web"][0]
