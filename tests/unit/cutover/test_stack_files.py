"""Finding stacks, and a stack's file that is put back or kept, never anybody else's edit undone."""

from pathlib import Path

import pytest

from cutover.errors import UsageError
from cutover.stackfile import SERVICES, read_view
from cutover.stackfile.file import StackFile
from cutover.stackfile.find import choose, find_project, stack_files

TEXT = """\
config:
  cutover:namespace: shop
  kubernetes:context: kind
  cutover:groups: {pair: {active: green, services: [api]}}
  cutover:services:
    shop: {active: blue, port: 80, blue: {version: '1', build: 1, image: a:1}} # live
    api: {port: 80, green: {version: '1', build: 1, image: a:1}}
    worker: {strategy: rolling, port: 80, release: {version: '1', build: 1, image: a:1}}
"""
ACTIVE = (SERVICES, "shop", "active")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod-eu.yaml", "Pulumi.prod-us.yml", "Pulumi.dev.yaml.bak"):
        (tmp_path / name).write_text(TEXT)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    return tmp_path


def test_a_project_is_found_upwards(project: Path) -> None:
    assert find_project(project / "deep" / "er") == project
    with pytest.raises(UsageError, match=r"no Pulumi\.yaml"):
        find_project(project.parent)


def test_stacks_are_chosen_by_name_pattern_and_list(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUTOVER_STACK", raising=False)
    assert list(stack_files(project)) == ["dev", "prod-eu", "prod-us"]
    assert [path.name for path in choose(project, "prod-*")] == ["Pulumi.prod-eu.yaml", "Pulumi.prod-us.yml"]
    assert [path.name for path in choose(project, "prod-us, dev")] == ["Pulumi.prod-us.yml", "Pulumi.dev.yaml"]
    with pytest.raises(UsageError, match=r"'prd'.*there are: dev, prod-eu, prod-us"):
        choose(project, "prd")
    with pytest.raises(UsageError, match="no stack is named; there are: dev"):
        choose(project, None)
    monkeypatch.setenv("CUTOVER_STACK", "dev")
    assert [path.name for path in choose(project, None)] == ["Pulumi.dev.yaml"]


def test_the_view_of_a_file(project: Path) -> None:
    view = read_view(project / "Pulumi.dev.yaml")
    assert (view.name, view.namespace) == ("dev", "shop")
    assert (view.services["shop"].active, view.services["shop"].idle, view.services["shop"].replicas) == (
        "blue",
        "green",
        2,
    )
    assert (view.services["api"].active, view.services["api"].group) == ("green", "pair")
    assert view.services["api"].active_path == ("cutover:groups", "pair", "active")
    assert view.services["worker"].release["image"] == "a:1"


@pytest.mark.parametrize(("text", "wrong"), [("- a", "the file"), ("config: 1", "config"), ("a: [", "cannot be read")])
def test_a_file_of_another_shape(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=wrong):
        read_view(path)


def test_an_edit_is_put_back_byte_for_byte_and_keeps_mode_and_link(project: Path) -> None:
    path, link = project / "Pulumi.dev.yaml", project / "Pulumi.link.yaml"
    path.chmod(0o640)
    link.symlink_to(path)
    file = StackFile(link)
    assert file.set({ACTIVE: "green"})
    assert path.read_text() == TEXT.replace("active: blue", "active: green")
    assert file.view.services["shop"].active == "green"
    assert (link.is_symlink(), path.stat().st_mode & 0o777) == (True, 0o640)
    file.restore()
    assert (path.read_text(), file.edited) == (TEXT, False)
    assert sorted(p.name for p in project.iterdir() if p.name.startswith(".")) == []


@pytest.mark.parametrize("added", ["encryptionsalt: v1:x\n", "secretsprovider: awskms://k\nencryptedkey: eA==\n"])
def test_what_the_engine_adds_on_how_secrets_are_kept_stays(project: Path, added: str) -> None:
    path = project / "Pulumi.dev.yaml"
    file = StackFile(path)
    file.set({ACTIVE: "green"})
    path.write_text(path.read_text() + added)
    file.restore()
    assert path.read_text() == TEXT + added


def test_nobody_elses_edit_is_undone(project: Path) -> None:
    path = project / "Pulumi.dev.yaml"
    file = StackFile(path)
    file.set({ACTIVE: "green"})
    path.write_text("config: {}\n")
    with pytest.raises(UsageError, match="changed by somebody else"):
        file.restore()
    assert path.read_text() == "config: {}\n"
