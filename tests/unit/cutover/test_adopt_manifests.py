"""`cutover adopt --file`: new services from manifests, by the project's own program, without a cluster."""

import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from components.takeover.entries import entries
from cutover.command_line import app
from cutover.doctor.program import entries_of, registered
from cutover.stackfile.view import read_view
from tests.unit.cutover.test_doctor import project

SHAPES = Path(__file__).parents[1] / "takeover" / "shapes.yaml"


def test_every_workload_becomes_a_service_and_what_it_lacks_is_listed(tmp_path: Path) -> None:
    project(tmp_path)
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  cutover:namespace: shop # kept\n")
    said = CliRunner().invoke(
        app,
        ["adopt", "-f", "-", "--strategy", "rolling", "--cwd", str(tmp_path), "--stack", "dev", "--yes"],
        input=SHAPES.read_text(),
    )
    assert said.exit_code == 0, said.output
    assert "cutover:namespace: shop # kept\n" in file.read_text()
    assert max(map(len, file.read_text().splitlines())) <= 130
    assert "image shop:latest: nothing here says what it is today, so shop:unpinned stands in its place" in said.output
    assert "of the Service web" not in said.output
    kinds = [(one["kind"], one["metadata"]["name"]) for one in registered(Path(sys.executable), read_view(file))]
    assert kinds == [
        ("Deployment", "bare"),
        ("Deployment", "web"),
        ("Deployment", "worker"),
        ("Service", "bare"),
        ("Service", "web"),
    ]


def test_with_pin_the_registry_says_what_the_images_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = "sha256:" + "a" * 64
    monkeypatch.setattr("cutover.operations.release.pin.resolve", lambda reference: digest)
    project(tmp_path)
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  cutover:namespace: shop\n")
    words = ["adopt", "-f", str(SHAPES), "--pin", "--cwd", str(tmp_path), "--stack", "dev", "--yes"]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    assert "stands in its place" not in said.output
    services = yaml.safe_load(file.read_text())["config"]["cutover:services"]
    made = [one.get("release") or one["blue"] for one in services.values()]
    assert f"shop@{digest}" in [one["image"] for one in made]
    assert all("@sha256:" in one["image"] for one in made)
    assert {one["version"] for one in made if one["image"] == f"shop@{digest}"} == {"digest-aaaaaaaaaaaa"}


def test_where_nothing_tells_who_serves_it_is_said_and_can_be_named() -> None:
    containers = [{"name": "proxy", "image": "envoy:1"}, {"name": "web", "image": "shop:1"}]
    labels = {"app": "web"}
    web = {
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"metadata": {"labels": labels}, "spec": {"containers": containers}}},
    }
    service = {"kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": labels, "ports": [{"port": 80}]}}
    made = entries([web, service], blue_green=True)
    assert made["services"]["web"]["blue"]["image"] == "envoy:1"
    assert "port 80: none of proxy, web declares it or is probed there; proxy is taken" in made["lost"]["web"][0]
    named = entries([web, service], blue_green=True, container="web")
    assert named["services"]["web"]["blue"]["image"] == "shop:1"
    assert named["lost"]["web"] == []


def test_stateful_sets_become_sets_of_the_same_names(tmp_path: Path) -> None:
    project(tmp_path)
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  cutover:namespace: shop\n")
    words = ["adopt", "-f", str(SHAPES.with_name("sets.yaml")), "--cwd", str(tmp_path), "--stack", "dev", "--yes"]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    assert "to look at before" not in said.output
    made = {
        (one["kind"], one["metadata"]["name"]): one["spec"] for one in registered(Path(sys.executable), read_view(file))
    }
    sets = {name: spec for (kind, name), spec in made.items() if kind == "StatefulSet"}
    assert {name: spec["serviceName"] for name, spec in sets.items()} == {
        "zk": "zk-peers",
        "db": "db",
        "agent": "agents",
    }
    claims = [
        [claim["metadata"]["name"] for claim in sets[name].get("volumeClaimTemplates", [])] for name in ("zk", "db")
    ]
    assert claims == [["data"], ["data", "log"]]
    services = {name for kind, name in made if kind == "Service"}
    assert services == {"zk-peers", "zk-clients", "db", "db-read"}
    assert made["HorizontalPodAutoscaler", "agent"]["scaleTargetRef"]["kind"] == "StatefulSet"


def test_what_stands_beside_and_what_looks_like_a_secret_is_listed(tmp_path: Path) -> None:
    web, service, *_ = yaml.safe_load_all(SHAPES.read_text())
    app_container = web["spec"]["template"]["spec"]["containers"][1]
    app_container["env"].append({"name": "DB_PASSWORD", "value": "hunter2"})
    app_container["args"] = ["--token", "hunter2"]
    web["spec"]["strategy"] = {"type": "Recreate"}
    service["spec"] |= {"type": "LoadBalancer", "sessionAffinity": "None"}
    service["metadata"]["annotations"] = {"a.b/c": "d"}
    scaler = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "s"},
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"name": "web"}},
    }
    budget = {
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "b"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}},
    }
    objects = [{"kind": "List", "items": [web, service, scaler, budget]}]
    made = entries_of(Path(sys.executable), project(tmp_path), objects, strategy="blue-green")
    assert made["services"]["web"]["strategy"] == "blue-green"
    assert "hunter2" not in str(made)
    lost = "\n".join(made["lost"]["web"])
    for words in (
        "strategy Recreate: two releases run side by side",
        "env DB_PASSWORD: it looks like a secret",
        "args of the application: it looks like a secret",
    ):
        assert words in lost
    assert made["services"]["web"]["service"]["metadata"] == {"annotations": {"a.b/c": "d"}}
    assert made["services"]["web"]["autoscaler"] == {"spec": {"maxReplicas": 3}}
    assert "a.b/c" not in lost


def test_nothing_to_write_is_said_with_the_reason(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    web = next(yaml.safe_load_all(SHAPES.read_text()))
    web["spec"]["minReadySeconds"] = -1
    (tmp_path / "web.yaml").write_text(yaml.safe_dump(web))
    words = ["adopt", "-f", str(tmp_path / "web.yaml"), "--cwd", str(tmp_path), "--stack", "dev", "--yes"]
    said = CliRunner().invoke(app, words)
    assert said.exit_code != 0
    assert "web is refused: web.min_ready_seconds\n" in said.output
    assert "    what: min_ready_seconds is -1, it must be at least 0\n" in said.output
    assert "apply them as before" not in said.output
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == "config: {}\n"
