"""What others wrote becomes settings with nothing lost, and what is lost is found."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.manifests.content import NOTHING
from components.manifests.pod import pod_template
from components.rules.errors import ConfigError
from components.settings.parse import from_fields
from components.strategies.rolling.settings import RollingSettings
from components.takeover.__main__ import judge, main
from components.takeover.entry import taken
from components.takeover.templates import losses
from components.takeover.workloads import Workload, image_of, workloads

Json = dict[str, Any]
SHAPES = list(yaml.safe_load_all((Path(__file__).parent / "shapes.yaml").read_text()))
FOUND = list(workloads(SHAPES))
WEB = FOUND[0]


def again(one: Workload) -> tuple[Json, RollingSettings, int]:
    containers = one.item["spec"]["template"]["spec"]["containers"]
    made = taken(one, release=lambda place: image_of(containers[place]))
    settings = from_fields(RollingSettings, made.settings, one.name)
    return pod_template(settings, settings.release, labels={}, spread={}, content=NOTHING), settings, made.container


@pytest.mark.parametrize("one", FOUND, ids=lambda one: one.name)
def test_every_shape_is_whole_after_it_was_taken_over(one: Workload) -> None:
    assert judge(one) == ("whole", [])


# What the program adds of its own, and what the API server would write where it is left out.
EXTRA = re.compile(
    r"\.(image|protocol|terminationGracePeriodSeconds|restartPolicy)$|\.lifecycle|^spec\.containers\.0\.ports(\.0(\.name)?)?$"
    r"|Probe\.(periodSeconds|timeoutSeconds|failureThreshold|successThreshold|httpGet\.(path|scheme))$"
)


def test_what_decides_about_traffic_has_its_key() -> None:
    made, settings, _ = again(WEB)
    assert (settings.port, settings.port_name, settings.service_port) == (8443, "https-web", 443)
    assert settings.ports == {"metrics": 9090}
    assert settings.readiness_probe is not None
    assert settings.readiness_probe.scheme == "HTTPS"
    assert settings.readiness_probe.headers == {"X-Probe": "kubelet"}
    assert (settings.drain_seconds, settings.termination_grace_seconds) == (3, 5)
    assert "readinessProbe" not in json.dumps(settings.pod)
    app = next(one for one in made["spec"]["containers"] if one["name"] == "app")
    assert app["lifecycle"] == {"preStop": {"sleep": {"seconds": 3}}}
    assert [one["name"] for one in made["spec"]["containers"]] == ["proxy", "app", "app-2"]


def test_without_a_service_it_is_a_worker() -> None:
    _, settings, _ = again(next(one for one in FOUND if one.name == "worker"))
    assert settings.port is None
    assert settings.readiness == "none"


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(leaf for key, inner in items for leaf in _leaves(inner, (*path, key)))]


@pytest.mark.parametrize("one", FOUND, ids=lambda one: one.name)
def test_whatever_is_taken_out_is_found_as_a_loss(one: Workload) -> None:
    original = one.item["spec"]["template"]
    made, _, place = again(one)
    unseen = []
    for path in _leaves(made):
        if not path or "readinessProbe" in path or path == ("spec", "containers"):
            continue
        broken = copy.deepcopy(made)
        owner = broken
        for key in path[:-1]:
            owner = owner[key]
        del owner[path[-1]]
        try:
            found = losses(original, broken, place)
        except (KeyError, StopIteration):
            continue  # no pod template any more
        if not found:
            unseen.append(".".join(map(str, path)))
    assert [path for path in unseen if not EXTRA.search(path)] == []


def test_an_image_that_moves_is_to_be_pinned() -> None:
    digest = "@sha256:" + "0" * 64
    assert image_of({"image": "host:5000/shop:1.2"}) == ("host:5000/shop:1.2", "1.2")
    assert image_of({"image": f"shop:1.2{digest}"}) == (f"shop:1.2{digest}", "1.2")
    assert image_of({"image": f"shop{digest}"}) == (f"shop{digest}", "digest-000000000000")
    assert image_of({"image": "host:5000/shop"}) == ("host:5000/shop:unpinned", "unpinned")
    assert image_of({"image": "shop:latest"}) == ("shop:unpinned", "unpinned")


def test_what_the_settings_cannot_hold_is_refused_with_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    idle = copy.deepcopy(WEB.item)
    idle["spec"]["minReadySeconds"] = -1
    with pytest.raises(ConfigError):
        again(Workload(idle, WEB.services))
    (tmp_path / "a.yaml").write_text(yaml.safe_dump_all([{"kind": "List", "items": [idle, *WEB.services]}]))
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(FOUND[1].item))
    (tmp_path / "c.yaml").write_text("{{ if }}")
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a.yaml: web: refused: web.min_ready_seconds: min_ready_seconds is -1, it must be at least 0",
        "c.yaml: no YAML: left out",
        "2 workloads: 1 whole, 1 refused, 0 lossy",
    ]


def test_a_path_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-", "no-such-folder", "neither-this"]) == 2
    said = "there is no no-such-folder, neither-this: name a folder of manifests, a file, or `-`\n"
    assert capsys.readouterr().err == said
    assert main(["--help"]) == 0
    assert "python -m components.takeover FOLDER" in capsys.readouterr().out


BESIDE = list(yaml.safe_load_all((Path(__file__).parent / "beside.yaml").read_text()))


def measured(objects: list[Any]) -> tuple[str, list[str]]:
    (one,) = workloads(objects)
    return judge(one)


def test_what_stands_beside_is_taken_over() -> None:
    (one,) = workloads(BESIDE)
    made = taken(one, release=lambda _: ("api:1", "1"))
    assert (made.name, made.main, sorted(made.settings["services"])) == ("api", "api", ["api-dns", "api-peers"])
    assert made.settings["update"] == "recreate"
    assert "replicas" not in made.settings
    assert made.settings["service"]["spec"]["sessionAffinity"] == "ClientIP"
    assert made.settings["service"]["metadata"] == {"annotations": {"example.com/scheme": "internal"}}
    assert made.settings["budget"] == {"spec": {"minAvailable": 1}}
    metrics = made.settings["autoscaler"]["spec"]["metrics"]
    assert metrics[0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 80}
    assert measured(BESIDE) == ("whole", [])


# Of these the settings have none, or the program and Kubernetes have the same default.
SAME_WITHOUT = re.compile(
    r"^(metadata.*|spec|spec\.selector.*|spec\.scaleTargetRef.*|spec\.template.*|kind|apiVersion"
    r"|spec\.ports\.\d+\.(protocol|name|port)|spec\.ports(\.0)?|spec\.ports\.0\.targetPort)$"
)


def test_whatever_is_changed_beside_is_found_as_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    (original,) = workloads(BESIDE)
    made = taken(original, release=lambda _: ("api:1", "1"))
    monkeypatch.setattr("components.takeover.__main__.taken", lambda *_, **__: made)
    unseen = []
    for number, item in enumerate(BESIDE):
        for path in _leaves(item):
            if not path or SAME_WITHOUT.match(".".join(map(str, path))):
                continue
            broken = copy.deepcopy(BESIDE)
            owner = broken[number]
            for key in path[:-1]:
                owner = owner[key]
            if isinstance(owner[path[-1]], (dict, list)):
                continue
            owner[path[-1]] = "changed"
            if measured(broken)[0] != "lossy":
                unseen.append((item["kind"], path))
    assert unseen == []


SCALED = {
    "apiVersion": "keda.sh/v1alpha1",
    "kind": "ScaledObject",
    "metadata": {"name": "api", "annotations": {"example.com/team": "a"}},
    "spec": {"minReplicaCount": 2, "triggers": [{"type": "cron", "metadata": {}}], "scaleTargetRef": {"name": "api"}},
}


def test_a_scaled_object_is_taken_over_in_the_autoscaler_s_place_and_not_beside_one() -> None:
    others = [one for one in BESIDE if one["kind"] != "HorizontalPodAutoscaler"]
    (one,) = workloads([*others, SCALED])
    made = taken(one, release=lambda _: ("api:1", "1"))
    spec = {key: value for key, value in SCALED["spec"].items() if key != "scaleTargetRef"}  # type: ignore[attr-defined]
    metadata = {"annotations": {"example.com/team": "a"}}
    assert made.settings["autoscaler"] == {"kind": "ScaledObject", "metadata": metadata, "spec": spec}
    assert "replicas" not in made.settings
    assert measured([*others, SCALED]) == ("whole", [])
    kind, (reason,) = measured([*BESIDE, SCALED])
    assert (kind, reason) == ("refused", "api: HorizontalPodAutoscaler: there are 2: api, api")
    env = copy.deepcopy(SCALED)
    env["spec"]["scaleTargetRef"]["envSourceContainerName"] = "b"  # type: ignore[index]
    assert measured([*others, env])[1] == ["ScaledObject api: spec.scaleTargetRef.envSourceContainerName"]
    empty = {**SCALED, "spec": {"triggers": [], "scaleTargetRef": {"name": "api"}}}
    assert measured([*others, empty])[0] == "refused"


def test_two_autoscalers_of_one_workload_are_refused() -> None:
    second = copy.deepcopy(next(one for one in BESIDE if one["kind"] == "HorizontalPodAutoscaler"))
    second["metadata"]["name"] = "api-2"
    kind, (reason,) = measured([*BESIDE, second])
    assert (kind, reason) == ("refused", "api: HorizontalPodAutoscaler: there are 2: api, api-2")


def test_a_service_for_udp_alone_is_a_further_one_of_a_worker() -> None:
    left = [one for one in BESIDE if one["metadata"]["name"] != "api" or one["kind"] == "Deployment"]
    (one,) = workloads(left)
    made = taken(one, release=lambda _: ("api:1", "1"))
    assert (made.main, sorted(made.settings["services"])) == ("api-peers", ["api-dns"])
    (worker,) = workloads([one for one in left if one["metadata"]["name"] != "api-peers"])
    made = taken(worker, release=lambda _: ("api:1", "1"))
    assert (made.name, made.main, sorted(made.settings["services"])) == ("api", None, ["api-dns"])


def test_none_at_all_is_a_number_of_pods() -> None:
    idle = copy.deepcopy(WEB.item)
    idle["spec"]["replicas"] = 0
    one = Workload(idle, WEB.services)
    assert judge(one) == ("whole", [])
    assert again(one)[1].replicas == 0
