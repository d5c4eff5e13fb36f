"""`cutover init` where there is no project: what it writes, and when it writes nothing."""

from pathlib import Path

import pytest
import yaml

from cutover.doctor.program import find_python
from cutover.errors import UsageError
from cutover.project.write import write_all
from tests.unit.cutover.test_init import ROOT, cutover

WORDS = ("init", "eu", "--image", "registry.example/shop:1.4.0", "--service", "storefront", "--namespace", "shop-eu")
WRITTEN = {
    "Pulumi.yaml", "Pulumi.eu.yaml", "__main__.py", "requirements.txt", ".gitignore", "rbac.yaml", "rbac-plan.yaml",
    ".github/actions/cutover/action.yml", ".gitlab-ci.yml",
    *(f".github/workflows/{name}.yml" for name in ("plan", "deploy", "rollback")),
}  # fmt: skip


def inside(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_becomes_a_project_whose_own_checks_take_it(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    for name in ("ci.md", "rbac.yaml"):  # of the repository around it: what is written comes from the driver alone
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / name).write_text("### `theirs`\n```yaml\n```\n")
    made = cutover(folder, *WORDS)
    assert made.returncode == 0, made.stderr
    assert inside(folder) == WRITTEN
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    assert project["name"] == "shop"
    checkout = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    assert (project["runtime"], project["requiredPulumiVersion"]) == (
        checkout["runtime"],
        checkout["requiredPulumiVersion"],
    )
    ours = (ROOT / "__main__.py").read_text().replace("components.program", "pulumi_cutover")
    assert (folder / "__main__.py").read_text() == ours
    first, *others = made.stdout.partition("next:\n")[2].splitlines()
    assert first.strip().startswith("python3 -m venv .venv")
    assert "  kubectl apply -n shop-eu -f rbac.yaml" in others
    assert not (folder / "Pulumi.eu.yaml").read_text().startswith("# yaml-language-server")  # it has no schema

    _, (finding,) = find_python(folder)
    assert finding.fix == "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"
    again = cutover(folder, "init", "us", "--image", "registry.example/shop:1.4.0", "--project", "other")
    assert (again.returncode, "is a project already" in again.stderr) == (2, True)


@pytest.mark.parametrize("strategy", ["blue-green", "rolling"])
def test_without_an_image_it_is_a_project_for_what_runs_already(tmp_path: Path, strategy: str) -> None:
    words = ("init", "eu", "--service", "storefront", "--namespace", "shop-eu", "--strategy", strategy)
    made = cutover(tmp_path, *words, "--project", "shop")
    assert made.returncode == 0, made.stderr
    assert inside(tmp_path) == WRITTEN
    assert yaml.safe_load((tmp_path / "Pulumi.eu.yaml").read_text()) == {
        "config": {"cutover:namespace": "shop-eu", "cutover:services": {}}
    }
    rolling = " --strategy rolling" if strategy == "rolling" else ""
    assert [line.strip() for line in made.stdout.partition("next:\n")[2].splitlines()][1:] == [
        "pulumi stack init eu",
        "kubectl apply -n shop-eu -f rbac.yaml",
        f"cutover adopt storefront{rolling} --stack eu",
        "cutover doctor --stack eu",
        "cutover up --stack eu",
    ]


def test_words_of_a_first_release_want_its_image(tmp_path: Path) -> None:
    made = cutover(tmp_path, "init", "eu", "--port", "9898", "--readiness", "/ready", "--project", "shop")
    assert made.returncode == 2
    assert "--port, --readiness describe a first release, and there is no --image" in made.stderr
    assert "give --image IMAGE" in made.stderr
    assert inside(tmp_path) == set()


def test_a_project_that_is_named_begins_below_another_one_too(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: outer\nruntime: python\n")
    (tmp_path / "shop").mkdir()
    made = cutover(tmp_path / "shop", *WORDS, "--project", "inner")
    assert made.returncode == 0, made.stderr
    assert inside(tmp_path / "shop") == WRITTEN
    without = cutover(tmp_path / "shop", "init", "eu", "--image", "registry.example/shop:1.4.0", "--project", "again")
    assert (without.returncode, "is a project already" in without.stderr) == (2, True)
    assert inside(tmp_path) == {"Pulumi.yaml", *(f"shop/{name}" for name in WRITTEN)}


def test_all_that_is_there_is_named_at_once_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("mine\n")
    (tmp_path / ".gitignore").symlink_to("nowhere")
    made = cutover(tmp_path, *WORDS, "--project", "shop")
    assert made.returncode == 2
    assert "__main__.py, .gitignore are there already; nothing was written" in made.stderr
    assert inside(tmp_path) == {"__main__.py"}
    assert (tmp_path / "__main__.py").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--image", "shop:latest"), "uses the tag 'latest'"),
        (("--service", "Not_One"), "Not_One"),
        (("--project", "a shop"), "is no name of a project"),
    ],
)
def test_of_what_is_not_valid_nothing_stays(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    made = cutover(tmp_path, *WORDS, "--project", "shop", *words)
    assert (made.returncode, said in made.stderr) == (2, True), made.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "docs").write_text("a file")
    with pytest.raises(UsageError, match="nothing was written"):
        write_all(tmp_path, {"one": "1", "docs/two": "2"}, lambda: None)
    assert inside(tmp_path) == {"docs"}
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, {"one": "1", "a/b/two": "2"}, _interrupted)
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


def _interrupted() -> None:
    raise KeyboardInterrupt
