"""The port that clients are sent to stays the application's, whatever ports of the pod have its name."""

from typing import Any

import pytest

from components.manifests import beside
from components.manifests.content import NOTHING
from components.manifests.pod import pod_template
from components.settings.parse import from_fields
from components.strategies.rolling.settings import RollingSettings
from tests.unit.takeover.test_kinds import deployment, judged, pod_of, service, settings

Json = dict[str, Any]


def port(number: int, name: str = "") -> Json:
    return {"containerPort": number} | ({"name": name} if name else {})


def container(name: str, *ports: Json, **more: Json) -> Json:
    return {"name": name, "image": f"{name}:1", "ports": list(ports), **more}


def of(*containers: Json, **pod: Any) -> Json:
    made = deployment()
    made["spec"]["template"]["spec"] = {"containers": list(containers), **pod}
    return made


def asked(*objects: Json) -> tuple[str, dict[int, Any]]:
    """The container and the port that each port of the Service ends at, by Kubernetes' own search."""
    parsed = from_fields(RollingSettings, settings(*objects), "web")
    pod = pod_template(parsed, parsed.release, labels={}, spread={}, content=NOTHING)["spec"]
    app = next(one for one in pod["containers"] if one["name"] == "app")
    names = [one["name"] for one in app["ports"] if "name" in one]
    assert len(set(names)) == len(names)
    ends: dict[int, Any] = {}
    for one in beside.clients_service({"annotations": {}}, parsed, {})["spec"]["ports"]:
        target = one.get("targetPort", one["port"])
        found = (
            (each["name"], own["containerPort"])
            for each in pod["containers"]
            for own in each.get("ports", ())
            if target in (own.get("name"), own["containerPort"])
        )
        ends[one["port"]] = next(found, None)
    return parsed.port_name, ends


READY = {"readinessProbe": {"httpGet": {"path": "/r", "port": 8080}}}
PROXY = container("proxy", port(9090, "http"))


@pytest.mark.parametrize(
    ("web", "name"),
    [
        (of(PROXY, container("web", port(8080), **READY)), "app"),
        (of(PROXY, container("web", **READY)), "app"),
        (of(container("web", port(8080), port(9000, "http"))), "app"),
        (of(container("web", port(9000, "http"))), "app"),
        (of(container("web", port(8080)), PROXY), "app"),
        (of(container("web", port(8080)), PROXY, container("log", port(1, "app"), port(2, "app-2"))), "app-3"),
        (of(container("web", port(8080)), initContainers=[{**PROXY, "restartPolicy": "Always"}]), "app"),
        (of(container("web", port(8080, "http")), PROXY), "http"),
        (of(container("web", port(8080)), container("proxy", port(9090, "admin"))), "http"),
    ],
)
def test_a_number_is_sent_to_by_a_name_that_no_other_port_has(web: Json, name: str) -> None:
    assert asked(web, service()) == (name, {80: ("app", 8080)})
    assert judged(web, service()) == ("whole", [])


def test_a_name_that_a_container_before_it_has_is_given_up_and_said() -> None:
    web = of(PROXY, container("web", port(8080, "http")))
    assert asked(web, service()) == ("app", {80: ("app", 8080)})
    assert judged(web, service()) == ("lossy", ["spec.containers[app].ports[8080].name"])


def test_a_probe_goes_on_asking_the_port_that_it_names() -> None:
    probe = {"httpGet": {"path": "/r", "port": "http"}}
    web = of(container("web", port(8080), port(9000, "http"), readinessProbe=probe))
    assert settings(web, service())["readiness"]["port"] == 9000
    assert judged(web, service()) == ("whole", [])


def test_a_further_port_whose_name_another_container_has_first_keeps_its_number() -> None:
    proxy = container("proxy", port(9102, "metrics"))
    web = of(proxy, container("web", port(8080, "http"), port(9090, "metrics")))
    ports = [{"name": "http", "port": 80, "targetPort": "http"}, {"name": "metrics", "port": 9090}]
    assert asked(web, service("web", *ports)) == ("http", {80: ("app", 8080), 9090: ("app", 9090)})
    assert judged(web, service("web", *ports)) == ("whole", [])
    by_name = [ports[0], {**ports[1], "targetPort": "metrics"}]  # the proxy's: Kubernetes takes the first
    assert asked(web, service("web", *by_name)) == ("http", {80: ("app", 8080), 9090: ("proxy", 9102)})
    assert judged(web, service("web", *by_name)) == ("whole", [])


def test_a_service_that_ends_at_another_container_is_found_as_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.takeover.served._free", lambda: iter(["http"]))
    monkeypatch.setattr("components.takeover.served._names", lambda _: ())
    monkeypatch.setattr("components.settings.fragment_rules.names_are_found_in_app", lambda _: ())
    web = of(PROXY, container("web", port(8080), **READY))
    assert judged(web, service()) == ("lossy", ["Service web: spec.ports"])
    assert pod_of(web)["containers"][0] == PROXY
