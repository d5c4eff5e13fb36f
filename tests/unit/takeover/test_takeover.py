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
    containers = one.deployment["spec"]["template"]["spec"]["containers"]
    made = taken(one.deployment, one.services, release=lambda place: image_of(containers[place]))
    settings = from_fields(RollingSettings, made.settings, one.name)
    return pod_template(settings, settings.release, labels={}, spread={}, content=NOTHING), settings, made.container


@pytest.mark.parametrize("one", FOUND, ids=lambda one: one.name)
def test_every_shape_is_whole_after_it_was_taken_over(one: Workload) -> None:
    assert judge(one) == ("whole", [])


# What the program adds of its own, and what the API server would write where it is left out.
EXTRA = re.compile(
    r"\.(image|protocol|terminationGracePeriodSeconds|restartPolicy)$|\.lifecycle|^spec\.containers\.0\.ports(\.0(\.name)?)?$"
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
    original = one.deployment["spec"]["template"]
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
    assert image_of({"image": f"shop{digest}"}) == (f"shop{digest}", "unpinned")
    assert image_of({"image": "host:5000/shop"}) == ("host:5000/shop:unpinned", "unpinned")
    assert image_of({"image": "shop:latest"}) == ("shop:unpinned", "unpinned")


def test_what_the_settings_cannot_hold_is_refused_with_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    idle = copy.deepcopy(WEB.deployment)
    idle["spec"]["replicas"] = 0
    with pytest.raises(ConfigError):
        again(Workload(idle, WEB.services))
    (tmp_path / "a.yaml").write_text(yaml.safe_dump_all([{"kind": "List", "items": [idle, *WEB.services]}]))
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(FOUND[1].deployment))
    (tmp_path / "c.yaml").write_text("{{ if }}")
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a.yaml: web: refused: service.replicas: replicas is 0, it must be at least 1",
        "c.yaml: no YAML: left out",
        "2 workloads: 1 whole, 1 refused, 0 lossy",
    ]
