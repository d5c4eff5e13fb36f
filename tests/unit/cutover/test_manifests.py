"""`cutover manifests` prints what the program registers, without an engine, a cluster or a secret's value."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.annotations import STACK
from cutover.doctor.program import registered
from cutover.errors import UsageError
from cutover.stackfile.view import read_view
from cutover.verbs.manifests import manifests
from tests.unit.cutover.test_doctor import project

RECORDED = Path(__file__).parents[2] / "components" / "recorded"
SHAPES: dict[str, Any] = yaml.safe_load((RECORDED / "shapes.yaml").read_text())
# An adopted Service asks the cluster; the revision of a ReplicaSet follows from the values of its secrets.
OFFLINE = [shape for shape in SHAPES if not shape.startswith("adopted") and shape not in ("replica-set", "labels")]
HIDDEN = {"secure": "v1:ciphertext"}


def stack(folder: Path, shape: dict[str, Any]) -> Path:
    file = project(folder) / "Pulumi.test.yaml"
    config = {"cutover:namespace": "shop", "cutover:token": HIDDEN}
    file.write_text(yaml.safe_dump({"config": config | {f"cutover:{key}": value for key, value in shape.items()}}))
    return file


def named(manifests: list[Any]) -> dict[tuple[str, str], Any]:
    return {(one["kind"], one["metadata"]["name"]): one for one in manifests}


@pytest.mark.parametrize("shape", OFFLINE)
def test_it_is_what_an_up_registers(shape: str, tmp_path: Path) -> None:
    found = named(registered(Path(sys.executable), read_view(stack(tmp_path, SHAPES[shape]))))
    recorded = json.loads((RECORDED / "resources.json").read_text())[shape]
    wanted = named([one["inputs"] for urn, one in recorded.items() if "kubernetes:" in urn])
    # A Secret is named by its values, which nobody knows here; so is all that mentions it.
    secrets = {name for kind, name in wanted if kind == "Secret"}
    telling = {key: one for key, one in wanted.items() if not any(name in json.dumps(one) for name in secrets)}
    assert {key: found.get(key) for key in telling} == telling
    assert len(found) == len(wanted)


def test_a_stack_that_is_named_with_its_owner_is_the_same_stack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack(tmp_path, SHAPES["rolling"])
    manifests(stack="acme/cutover/test", cwd=tmp_path)
    carried = {one["metadata"]["annotations"][STACK] for one in yaml.safe_load_all(capsys.readouterr().out)}
    assert carried == {"cutover/test"}


def test_no_value_of_a_secret_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack(tmp_path, SHAPES["blue-green"])
    manifests(stack="test", cwd=tmp_path)
    out = capsys.readouterr().out
    (secret,) = [one for one in yaml.safe_load_all(out) if one["kind"] == "Secret"]
    assert secret["data"] == {"TOKEN": "[secret]"}
    assert "ciphertext" not in out
    assert out.startswith("# stack test\n---\napiVersion: v1\n")


def test_what_is_wrong_is_told_as_by_a_preview(tmp_path: Path) -> None:
    broken = {"services": {"web": {**SHAPES["blue-green"]["services"]["web"], "active": "red"}}}
    with pytest.raises(UsageError, match=r"cutover:services\.web\.active") as refused:
        registered(Path(sys.executable), read_view(stack(tmp_path, broken)))
    assert "active is 'red', it must be blue or green" in str(refused.value)


def test_a_program_without_our_components_is_told(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config: {}\n")
    (tmp_path / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    with pytest.raises(UsageError, match="cannot tell what it applies"):
        registered(Path(sys.executable), read_view(file))
