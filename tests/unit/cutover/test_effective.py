"""Values of a stack's config that the file alone cannot tell are asked of the engine, others are not."""

from pathlib import Path

import pytest
import yaml

from cutover.errors import LoginNeeded
from cutover.observe import access_of
from cutover.stackfile.view import read_view


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose engine answers `there` to every question and notes it."""
    engine = tmp_path / "pulumi"
    engine.write_text(f'#!/bin/sh\necho "$3" >> {tmp_path}/asked\necho there\n')
    engine.chmod(0o755)
    monkeypatch.setenv("CUTOVER_PULUMI", str(engine))
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "cutover", "runtime": "python"}))
    return tmp_path


def stack_file(project: Path, config: dict[str, object], **beside: object) -> Path:
    path = project / "Pulumi.test.yaml"
    path.write_text(yaml.safe_dump({"config": {"cutover:namespace": "shop", **config}, **beside}))
    return path


def asked(project: Path) -> list[str]:
    path = project / "asked"
    return path.read_text().split() if path.exists() else []


def test_text_in_the_file_is_taken_as_it_is(project: Path) -> None:
    access = access_of(read_view(stack_file(project, {"kubernetes:context": "mine"})))
    assert (access.context, access.cluster, access.kubeconfig) == ("mine", None, None)
    assert asked(project) == []


@pytest.mark.parametrize("value", [2024.10, 7, True, {"secure": "v1:x"}])
@pytest.mark.parametrize("key", ["context", "cluster", "kubeconfig"])
def test_what_is_no_text_is_asked(project: Path, key: str, value: object) -> None:
    access = access_of(read_view(stack_file(project, {f"kubernetes:{key}": value})))
    assert getattr(access, key) == "there"
    assert asked(project) == [f"kubernetes:{key}"]


@pytest.mark.parametrize("default", ["here", {"value": "here"}, {"type": "string", "default": "here"}])
def test_a_default_of_the_project_is_asked(project: Path, default: object) -> None:
    config = {"kubernetes:context": default, "cutover:namespace": default}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "cutover", "runtime": "python", "config": config}))
    view = read_view(stack_file(project, {}))
    assert view.namespace == "shop"
    assert access_of(view).context == "there"
    assert asked(project) == ["kubernetes:context"]


def test_an_encrypted_or_imported_namespace_is_asked(project: Path) -> None:
    assert read_view(stack_file(project, {"cutover:namespace": {"secure": "v1:x"}})).namespace == "there"
    path = stack_file(project, {}, environment=["prod"])
    path.write_text(path.read_text().replace("cutover:namespace: shop", "cutover:other: shop"))
    assert read_view(path).namespace == "there"


def test_a_key_that_is_nowhere_is_none_and_no_login_is_said(project: Path) -> None:
    path = stack_file(project, {}, environment=["prod"])
    engine = project / "pulumi"
    engine.write_text("#!/bin/sh\necho \"error: configuration key 'x' not found for stack 'test'\" >&2\nexit 1\n")
    assert access_of(read_view(path)).context is None
    engine.write_text("#!/bin/sh\necho 'error: incorrect passphrase' >&2\nexit 255\n")
    with pytest.raises(LoginNeeded, match="does not tell kubernetes:kubeconfig of test: error: incorrect passphrase"):
        access_of(read_view(path))
