"""Where a stack's file is, and by what name the engine is asked for the stack."""

from pathlib import Path

import pytest

from cutover.errors import UsageError
from cutover.operations.command.fleet import child_words
from cutover.stackfile.find import choose, config_folder, project_of, stack_files, stack_name
from cutover.stackfile.view import read_view


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose stacks have a folder of their own, and an engine that notes how it is asked, and where."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nstackConfigDir: config/stacks\n")
    folder = tmp_path / "config" / "stacks"
    folder.mkdir(parents=True)
    for stack in ("dev", "prod-eu", "prod-us"):
        (folder / f"Pulumi.{stack}.yaml").write_text("config: {cutover:namespace: {secure: v1:x}}\n")
    engine = tmp_path / "pulumi"
    engine.write_text(f'#!/bin/sh\necho "$(pwd) $*" >> {tmp_path}/asked\necho there\n')
    engine.chmod(0o755)
    monkeypatch.setenv("CUTOVER_PULUMI", str(engine))
    monkeypatch.delenv("CUTOVER_STACK", raising=False)
    return tmp_path


def test_files_in_a_folder_of_their_own(project: Path) -> None:
    assert config_folder(project) == project / "config" / "stacks"
    assert list(stack_files(project)) == ["dev", "prod-eu", "prod-us"]
    (path,) = choose(project, "dev")
    view = read_view(path)
    assert (view.name, view.project, project_of(path), view.namespace) == ("dev", project, project, "there")
    asked = (project / "asked").read_text()
    assert asked == f"{project} config get cutover:namespace --stack dev --non-interactive\n"


@pytest.mark.parametrize("owner", ["acme/", "acme/shop/"])
def test_a_name_with_its_owner_is_the_engines(project: Path, owner: str) -> None:
    (path,) = choose(project, f"{owner}dev")
    assert path.name == "Pulumi.dev.yaml"
    assert (stack_name(path), read_view(path).name) == (f"{owner}dev", f"{owner}dev")
    assert f"--stack {owner}dev " in (project / "asked").read_text()
    both = choose(project, f"{owner}prod-*")
    assert [stack_name(path) for path in both] == [f"{owner}prod-eu", f"{owner}prod-us"]
    words = child_words(["up", "--stack", f"{owner}prod-*"], stack_name(both[0]))
    assert words[-3:] == ["--stack", f"{owner}prod-eu", "--json"]


def test_a_name_that_no_file_has(project: Path) -> None:
    with pytest.raises(UsageError, match="no stack is named 'acme/qa'") as refused:
        choose(project, "acme/qa")
    assert "cutover init qa" in refused.value.fix


@pytest.mark.parametrize("name", ["Pulumi.dev.yaml", "Pulumi.dev.yml"])
def test_a_files_stack(tmp_path: Path, name: str) -> None:
    assert stack_name(tmp_path / name) == "dev"
    assert project_of(tmp_path / name) == tmp_path
