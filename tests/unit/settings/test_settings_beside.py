"""Fragments of what stands beside the pods: taken where Kubernetes knows them, refused where the release decides."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from components.settings.service_rules import one_of_many
from components.stack import schema
from components.stack.load import parse
from tests.unit.settings.test_settings_bad_config import SF, WK, Bad, assert_refused, edited, problems

PORTS = f"{SF}.service.spec.ports"
TRIGGERS = [{"type": "cron", "metadata": {}}]
SCALES = {"minReplicaCount": 2, "triggers": TRIGGERS}
PAUSED = "autoscaling.keda.sh/paused-replicas"
CASES = [
    Bad(f"{SF}.service", [], "service is a list, a mapping", "write a mapping"),
    Bad(
        f"{SF}.service",
        {"spec": {"typ": "NodePort"}},
        "typ is no field of ServiceSpec",
        "type",
        f"{SF}.service.spec.typ",
    ),
    Bad(
        f"{SF}.service",
        {"spec": {"sessionAffinity": "clientip"}},
        "it must be ClientIP or None",
        "sessionAffinity: ClientIP",
        f"{SF}.service.spec.sessionAffinity",
    ),
    Bad(
        f"{SF}.service",
        {"spec": {"ports": [{"$patch": "replace"}, {"port": 80}, {"$patch": "delete", "name": "x"}]}},
        "ports[2] has no port",
        "add port",
        f"{PORTS}[2]",
    ),
    Bad(
        f"{SF}.service",
        {"metadata": {"name": "other"}},
        "name is no field",
        "the program names its objects",
        f"{SF}.service.metadata.name",
    ),
    Bad(
        f"{SF}.service",
        {"spec": {"selector": {"app": "shop"}}},
        "selector is set in service",
        "remove it",
        f"{SF}.service.spec.selector",
    ),
    Bad(
        f"{SF}.service",
        {"metadata": {"labels": {"app.kubernetes.io/name": "x"}}},
        "one of the labels that the program gives",
        "a key of your own",
        f'{SF}.service.metadata.labels["app.kubernetes.io/name"]',
    ),
    Bad(
        f"{WK}.service",
        {"metadata": {"annotations": {"pulumi.com/skipAwait": "false"}}},
        "one of the annotations that the program gives",
        "a key of your own",
        f'{WK}.service.metadata.annotations["pulumi.com/skipAwait"]',
    ),
    Bad(
        f"{SF}.service",
        {"spec": {"ports": [{"port": 81}]}},
        "port 81 has no name, and it is one of several",
        "add name",
        f"{PORTS}[0]",
    ),
    Bad(
        f"{WK}.budget",
        {"spec": {"minAvailable": 1, "maxUnavailable": 1}},
        "minAvailable and maxUnavailable are both given",
        "keep one of the two",
        f"{WK}.budget.spec",
    ),
    Bad(f"{SF}.service", {"spec": None}, "spec is taken away", "remove spec here", f"{SF}.service.spec"),
    Bad(
        f"{SF}.service",
        {"spec": {"$patch": "replace"}},
        "$patch is set for all of spec",
        "name the fields that change",
        f'{SF}.service.spec["$patch"]',
    ),
    Bad(
        f"{SF}.service",
        {"spec": {"type": "ExternalName", "externalName": "x.example"}},
        "alias of another host",
        "outside of this stack",
        f"{SF}.service.spec.type",
    ),
    Bad(
        f"{SF}.service",
        {"spec": {"publishNotReadyAddresses": True}},
        "true for the Service that clients send to",
        "services: {<name>",
        f"{SF}.service.spec.publishNotReadyAddresses",
    ),
    Bad(
        f"{SF}.service",
        {"spec": {"ports": [{"port": 80, "targetPort": 9999}]}},
        "port 80 is to send to 9999, and port is 8080",
        "as port beside service",
        f"{PORTS}[0].targetPort",
    ),
    Bad(
        f"{SF}.service",
        {"spec": {"ports": [{"$patch": "delete", "port": 80}]}},
        "port 80 is taken away, and service_port adds it",
        "remove service_port",
        f'{PORTS}[0]["$patch"]',
    ),
    Bad(
        f"{SF}.service",
        {"spec": {"ports": [{"$patch": "replace"}, {"port": 53, "protocol": "UDP"}]}},
        "the ports are replaced, and port 80 is not among them",
        "add {port: 80",
        PORTS,
    ),
    Bad(
        f"{SF}.services",
        {"shop-peers": {"spec": {"clusterip": "None"}}},
        "clusterip is no field",
        "rename clusterip to clusterIP",
        f"{SF}.services.shop-peers.spec.clusterip",
    ),
    Bad(f"{SF}.services", {"Shop": {}}, "'Shop'", "lower", f"{SF}.services.Shop"),
    Bad(
        f"{SF}.budget",
        {"spec": {"maxUnavailble": 2}},
        "did you mean",
        "maxUnavailable",
        f"{SF}.budget.spec.maxUnavailble",
    ),
    Bad(
        f"{SF}.autoscaler",
        {"spec": {"minReplicas": 2}},
        "maxReplicas is not given",
        "add maxReplicas",
        f"{SF}.autoscaler.spec.maxReplicas",
    ),
    Bad(
        f"{SF}.autoscaler",
        {"spec": {"minReplicas": 0, "maxReplicas": 3}},
        "minReplicas is less than 1",
        "1 or more",
        f"{SF}.autoscaler.spec.minReplicas",
    ),
    Bad(f"{WK}.update", "never", "'never'", "recreate"),
    *(
        Bad(f"{SF}.autoscaler", {"kind": "ScaledObject", **more}, says, fix, f"{SF}.autoscaler.{at}")
        for more, says, fix, at in (
            ({}, "spec is missing", "minReplicaCount", "spec"),
            ({"spec": {"minReplicaCount": 2}}, "triggers is missing", "at least one", "spec.triggers"),
            ({"spec": {"triggers": TRIGGERS}}, "KEDA takes 0", "1 or more", "spec.minReplicaCount"),
            ({"spec": {**SCALES, "minReplicaCount": 0}}, "is 0, not 1 or more", "1 or more", "spec.minReplicaCount"),
            ({"spec": {**SCALES, "maxReplicaCount": 1}}, "more than maxReplicaCount", "swap", "spec.minReplicaCount"),
            ({"spec": {**SCALES, "idleReplicaCount": 0}}, "idleReplicaCount is set", "remove", "spec.idleReplicaCount"),
            ({"spec": {**SCALES, "scaleTargetRef": {}}}, "scaleTargetRef is set", "remove", "spec.scaleTargetRef"),
            ({"spec": SCALES, "apiVersion": "keda.sh/v2"}, "'keda.sh/v2'", "v1alpha1", "apiVersion"),
            ({"spec": SCALES, "metadata": {"name": "x"}}, "name is set", "remove", "metadata.name"),
            ({"spec": SCALES, "status": {}}, "'status' is no field", "use apiVersion", "status"),
            (
                {"spec": SCALES, "metadata": {"annotations": {PAUSED: "0"}}},
                "is set in the config",
                "by hand",
                f'metadata.annotations["{PAUSED}"]',
            ),
        )
    ),
    Bad(
        f"{WK}.autoscaler",
        {"spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "x"}}},
        "scaleTargetRef is set in autoscaler",
        "remove it",
        f"{WK}.autoscaler.spec.scaleTargetRef",
    ),
]


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.path or bad.at)
def test_one_problem_at_its_own_path(bad: Bad) -> None:
    assert_refused(bad)


SCALE = {"min_replicas": 2, "max_replicas": 5, "cpu_percent": 60}
CPU = [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"autoscale": SCALE, "autoscaler": {"spec": {"minReplicas": 3}}}, "autoscaler.spec.minReplicas"),
        ({"autoscale": SCALE, "autoscaler": {"spec": {"metrics": CPU}}}, "autoscaler.spec.metrics"),
        ({"autoscaler": {"spec": {"maxReplicas": 9}}, "replicas": 3}, "replicas"),
        ({"autoscaler": {"kind": "ScaledObject", "spec": SCALES}, "replicas": 3}, "replicas"),
        ({"autoscale": SCALE, "autoscaler": {"kind": "ScaledObject", "spec": SCALES}}, "autoscaler.kind"),
        (
            {"ports": {"a": 90}, "service": {"spec": {"ports": [{"port": 90, "name": "x"}]}}},
            "service.spec.ports[0].name",
        ),
        ({"adopt_service": True, "service": {"spec": {"type": "NodePort"}}}, "service"),
        ({"update": "recreate", "max_surge": 1}, "max_surge"),
        ({"disruption_budget": False, "budget": {"spec": {"maxUnavailable": 2}}}, "budget"),
    ],
)
def test_no_field_has_two_sources(more: dict[str, Any], path: str) -> None:
    services = edited(f"{WK}.resources", {"requests": {"cpu": "100m"}})
    services[WK] |= more
    assert [found.path for found in problems(services)] == [f"cutover:services.{WK}.{path}"]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"service": {"spec": {"type": "NodePort"}}}, "service"),
        ({"services": {"worker-udp": {"spec": {"type": "NodePort"}}}}, "services.worker-udp.spec.ports"),
    ],
)
def test_a_worker_has_no_service_to_change_and_no_port_to_take_over(more: dict[str, Any], path: str) -> None:
    services = edited(f"{WK}.replicas", 2)
    del services[WK]["port"]
    services[WK] |= more
    assert [found.path for found in problems(services)] == [f"cutover:services.{WK}.{path}"]


def test_two_of_one_name_are_refused() -> None:
    services = edited(f"{WK}.services", {f"{SF}-blue": {"spec": {"ports": [{"port": 9}]}}})
    (found,) = problems(services)
    assert f"would both make a Service named '{SF}-blue'" in found.what


def test_a_further_service_of_the_program_s_own_name_is_refused() -> None:
    for name in (SF, f"{SF}-green"):
        (found,) = problems(edited(f"{SF}.services", {name: {"spec": {"ports": [{"port": 9}]}}}))
        assert found.path == f"cutover:services.{SF}.services.{name}"
        assert f"makes a Service named '{name}' itself" in found.what


def test_what_only_one_service_can_have_is_not_for_several_instances() -> None:
    spec = {"clusterIP": "10.0.0.9", "loadBalancerIP": "192.0.2.1", "ports": [{"port": 80, "nodePort": 30080}]}
    found = [fault.at for fault in one_of_many({"spec": spec}, {"x": {}})]
    assert found == [
        ("service", "spec", "loadBalancerIP"),
        ("service", "spec", "clusterIP"),
        ("service", "spec", "ports", 0, "nodePort"),
        ("services",),
    ]
    assert list(one_of_many({"spec": {"clusterIP": "None", "type": "LoadBalancer"}}, {})) == []


FRAGMENTS: dict[str, Any] = {
    "service": {
        "metadata": {"annotations": {"a.b/c": "d"}, "labels": {"team": "shop"}},
        "spec": {
            "type": "LoadBalancer",
            "loadBalancerClass": "example.com/x",
            "sessionAffinity": "ClientIP",
            "ports": [{"port": 80, "name": "web", "nodePort": 30080}, {"port": 53, "name": "dns", "protocol": "UDP"}],
        },
    },
    "services": {"shop-peers": {"spec": {"clusterIP": "None", "publishNotReadyAddresses": True}}},
    "budget": {"spec": {"minAvailable": "50%"}},
    "autoscaler": {"spec": {"maxReplicas": 9, "metrics": CPU, "behavior": {"scaleDown": {"selectPolicy": "Disabled"}}}},
}


def test_all_else_is_taken_by_the_program_and_by_an_editor() -> None:
    services = edited(f"{SF}.service", FRAGMENTS["service"])
    services[SF] |= FRAGMENTS
    parsed = parse("shop", services).services[SF]
    assert {name: getattr(parsed, name) for name in FRAGMENTS} == FRAGMENTS
    whole = {"config": {"cutover:namespace": "shop", "cutover:services": services}}
    checked = jsonschema.Draft202012Validator(schema.stack_schema())
    assert list(checked.iter_errors(whole)) == []
    services[SF]["budget"] = {"spec": {"maxUnavailble": 1}}
    assert not checked.is_valid(whole)
