"""A new environment's stack file, and the schema."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from components.stack.load import parse
from components.stack.schema import SCHEMA_FILE
from cutover.stackfile.template import WIDTH, Answers, render
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads(SCHEMA_FILE.read_text())
ANSWERS = Answers(
    "qa", "shop-qa", "storefront", "blue-green", "1.10", 3, "registry.example/shop:1.10", 8080, 2, "/ready"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    content = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    content["runtime"]["options"]["virtualenv"] = sys.prefix
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(content))
    for name in ("components", "contract", "kubeaccess", "schema"):
        (tmp_path / name).symlink_to(ROOT / name, target_is_directory=True)
    return tmp_path


def cutover(project: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cutover", *words, "--cwd", str(project)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize("strategy", ["blue-green", "rolling"])
def test_what_is_written_is_what_the_program_takes(strategy: str) -> None:
    text = render(SCHEMA, Answers(**{**vars(ANSWERS), "strategy": strategy}), checkout=True)
    config = yaml.safe_load(text)["config"]
    service = parse(config["cutover:namespace"], config["cutover:services"]).services["storefront"]
    assert (service.strategy, service.replicas) == (strategy, 2)
    assert service.readiness_probe is not None
    assert service.readiness_probe.path == "/ready"
    release = config["cutover:services"]["storefront"]["blue" if strategy == "blue-green" else "release"]
    assert release == {"version": "1.10", "build": 3, "image": "registry.example/shop:1.10"}


@pytest.mark.parametrize("strategy", ["blue-green", "rolling"])
def test_each_key_that_is_written_is_explained(strategy: str) -> None:
    lines = render(SCHEMA, Answers(**{**vars(ANSWERS), "strategy": strategy}), checkout=True).splitlines()
    keys = [
        number
        for number, line in enumerate(lines)
        if line.startswith((" " * 6, "  cutover:")) and line.strip()[0] != "#" and "path:" not in line
    ]
    assert len(keys) > 8
    assert [lines[number] for number in keys if not lines[number - 1].strip().startswith("#")] == []
    assert max(map(len, lines)) <= WIDTH + 10


def test_what_is_commented_out_is_right_too() -> None:
    """Taking away the marks of the optional keys leaves a valid file."""
    optional = (
        "standby_replicas",
        "smoke",
        "  path",
        "  expect_body",
        "resources",
        "  requests",
        "  limits",
        "secrets",
        "env_from",
        "writable",
    )
    lines = [
        line.replace("# ", "", 1) if line.lstrip().removeprefix("# ").startswith(optional) else line
        for line in render(SCHEMA, ANSWERS, checkout=True).splitlines()
    ]
    config = yaml.safe_load("\n".join(lines))["config"]
    service = config["cutover:services"]["storefront"]
    assert {"standby_replicas", "smoke", "resources", "secrets", "env_from_secrets", "writable_paths"} <= service.keys()
    parse(config["cutover:namespace"], config["cutover:services"])


def test_init_writes_once_and_says_what_comes_next(project: Path) -> None:
    words = ("init", "qa", "--image", "registry.example/shop:1.4.0", "--namespace", "shop-qa")
    first = cutover(project, *words)
    assert first.returncode == 0, first.stderr
    assert "pulumi stack init qa\n  kubectl create namespace shop-qa" in first.stdout
    file = project / "Pulumi.qa.yaml"
    before = file.read_text()
    second = cutover(project, *words)
    assert second.returncode == 2
    assert "Pulumi.qa.yaml is there already; nothing was written" in second.stderr
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a/b", "--image", "x:1"), "is no name of a stack"),
        (("qa", "--image", "registry.example/shop"), "no tag to take the version from"),
        (("qa", "--image", "shop:latest"), "uses the tag 'latest'"),
        (("qa", "--image", "shop:1", "--namespace", "Not_One"), "cutover:namespace"),
    ],
)
def test_init_writes_nothing_that_is_not_valid(project: Path, words: tuple[str, ...], said: str) -> None:
    ended = cutover(project, "init", *words)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert [path.name for path in project.glob("Pulumi.*")] == ["Pulumi.yaml"]


def test_the_schema_is_the_committed_one_and_waits_for_no_import(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    ended = cutover(project, "schema")
    assert ended.stdout == SCHEMA_FILE.read_text()
    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert {"cutover.app", "typer"} <= imported
    assert imported.isdisjoint({"pulumi", "pydantic", "grpc", "httpx2", "lightkube", "prober", "rich"})
