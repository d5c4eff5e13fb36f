"""What refers to a container by its name follows it to the name it gets here, or is listed."""

from typing import Any

import pytest

from components.takeover.entries import entries
from tests.unit.takeover.test_kinds import deployment, judged, pod_of, service, settings

Json = dict[str, Any]


def scaler(container: str) -> Json:
    target = {"type": "Utilization", "averageUtilization": 60}
    metrics = [
        {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": container, "target": target}},
        {"type": "Resource", "resource": {"name": "memory", "target": target}},
    ]
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"maxReplicas": 5, "metrics": metrics, "scaleTargetRef": {"kind": "Deployment", "name": "web"}},
    }


def test_an_autoscaler_goes_on_looking_at_its_container() -> None:
    for old, new in (("main", "app"), ("log", "log")):
        made = settings(deployment(), service(), scaler(old))["autoscaler"]["spec"]["metrics"]
        assert made[0]["containerResource"]["container"] == new
        assert judged(deployment(), service(), scaler(old)) == ("whole", [])


def test_two_names_change_where_another_container_is_called_app() -> None:
    web = deployment()
    pod_of(web)["containers"].append({"name": "app", "image": "a:1"})
    made = settings(web, service(), scaler("app"))
    assert made["autoscaler"]["spec"]["metrics"][0]["containerResource"]["container"] == "app-2"
    assert judged(web, service(), scaler("app")) == ("whole", [])


def test_a_trigger_goes_on_looking_at_its_container() -> None:
    trigger = {"type": "cpu", "metadata": {"containerName": "main", "value": "60"}}
    spec = {"minReplicaCount": 2, "triggers": [trigger, {"type": "cron"}], "scaleTargetRef": {"name": "web"}}
    scaled = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "web"}, "spec": spec}
    made = settings(deployment(), service(), scaled)["autoscaler"]["spec"]["triggers"]
    assert made == [{"type": "cpu", "metadata": {"containerName": "app", "value": "60"}}, {"type": "cron"}]
    assert judged(deployment(), service(), scaled) == ("whole", [])


def noted(**notes: str) -> Json:
    web = deployment()
    web["spec"]["template"]["metadata"]["annotations"] = notes
    return web


@pytest.mark.parametrize(
    ("key", "value", "new_key", "new_value"),
    [
        ("ad.datadoghq.com/main.logs", "[]", "ad.datadoghq.com/app.logs", "[]"),
        ("ad.datadoghq.com/main.check.id", "a", "ad.datadoghq.com/app.check.id", "a"),
        ("ad.datadoghq.com/log.logs", "[]", "ad.datadoghq.com/log.logs", "[]"),
        ("ad.datadoghq.com/main", "pod", "ad.datadoghq.com/main", "pod"),
        *(
            (f"container.{form}.kubernetes.io/main", "x", f"container.{form}.kubernetes.io/app", "x")
            for form in ("apparmor.security.beta", "seccomp.security.alpha")
        ),
        ("co.elastic.logs.main/json", "a", "co.elastic.logs.app/json", "a"),
        ("fluentbit.io/exclude-main", "true", "fluentbit.io/exclude-app", "true"),
        ("fluentbit.io/parser_stdout-main", "a", "fluentbit.io/parser_stdout-app", "a"),
        *(
            (key, "log, main,x", key, "log, app,x")
            for key in (
                "vault.hashicorp.com/agent-inject-containers",
                "instrumentation.opentelemetry.io/container-names",
                "instrumentation.opentelemetry.io/java-container-names",
            )
        ),
        *(
            (f"kubectl.kubernetes.io/default-{of}", "main", f"kubectl.kubernetes.io/default-{of}", "app")
            for of in ("container", "logs-container")
        ),
        ("example.com/main-team", "main", "example.com/main-team", "main"),
        ("main.example.com/scrape", "main", "main.example.com/scrape", "main"),
    ],
)
def test_an_annotation_follows_where_its_form_is_known(key: str, value: str, new_key: str, new_value: str) -> None:
    web = noted(**{key: value})
    assert settings(web, service())["pod"]["metadata"]["annotations"] == {new_key: new_value}
    assert judged(web, service()) == ("whole", [])


@pytest.mark.parametrize("key", ["example.com/main", "example.com/main.rate", "example.com/limit-main"])
def test_another_annotation_that_holds_the_old_name_is_listed(key: str) -> None:
    (line,) = entries([noted(**{key: "1"}), service()], blue_green=True)["lost"]["web"]
    assert line == f'metadata.annotations["{key}"]: it names the container main, which is app here'
