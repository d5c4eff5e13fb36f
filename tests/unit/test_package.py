"""What is shipped: the checkout's code below one package, the same bytes from every build, and nothing left behind."""

import ast
import hashlib
import re
import tarfile
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.packaged import ROOT, build

PACKAGES = ("components", "contract", "cutover", "kubeaccess", "prober")
ROOF = "pulumi_cutover"


@pytest.fixture(scope="module")
def wheel(dist: Path) -> dict[str, bytes]:
    """The files of the wheel."""
    (path,) = dist.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_two_builds_are_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    def digests(folder: Path) -> dict[str, str]:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("pulumi_cutover-*")}

    assert len(digests(dist)) == 2
    assert digests(build(tmp_path)) == digests(dist)


def test_what_builds_it_is_pinned_by_hash() -> None:
    """`uv build --require-hashes` refuses whatever requirements-build.txt does not list."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    pins = re.findall(
        r"^(\S+==\S+) \\\n    --hash=sha256:", (ROOT / "requirements-build.txt").read_text(), re.MULTILINE
    )
    assert set(wanted) <= set(pins)


def test_what_it_asks_for_is_what_the_tests_have(wheel: dict[str, bytes]) -> None:
    """A life cycle installs the wheel alone, over the packages of this environment (tests/packaged.py)."""
    (metadata,) = (text.decode() for name, text in wheel.items() if name.endswith(".dist-info/METADATA"))
    asked = [Requirement(line) for line in re.findall(r"^Requires-Dist: (.+)$", metadata, re.MULTILINE)]
    assert len(asked) > 5
    assert [str(one) for one in asked if not one.specifier.contains(version(one.name))] == []


def test_one_name_is_taken_in_site_packages(wheel: dict[str, bytes]) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in wheel} == {ROOF}
    assert f"{ROOF}/py.typed" in wheel
    assert b'"resource": false' in wheel[f"{ROOF}/pulumi-plugin.json"]  # else the engine looks for a provider `cutover`


def test_the_code_is_the_checkouts_and_only_imports_say_where_it_is(wheel: dict[str, bytes]) -> None:
    left = dict(wheel)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            shipped = ast.parse(left.pop(f"{ROOF}/{path.relative_to(ROOT).as_posix()}"))
            ours = ast.parse(path.read_text())
            for node in ast.walk(ours):
                if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in PACKAGES:
                    node.module = f"{ROOF}.{node.module}"
            assert ast.dump(shipped) == ast.dump(ours), path
    assert {name for name in left if not name.startswith("pulumi_cutover-")} == {
        f"{ROOF}/__init__.py",
        f"{ROOF}/__main__.py",
        f"{ROOF}/plugin.py",
        f"{ROOF}/py.typed",
        f"{ROOF}/pulumi-plugin.json",
        f"{ROOF}/components/podspec/types.json",
        *(f"{ROOF}/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "cutover/pages/templates").iterdir()),
        f"{ROOF}/schema/pulumi-stack.schema.json",
        f"{ROOF}/requirements.txt",
        *(f"{ROOF}/docs/{name}" for name in ("ci.md", "rbac.yaml", "rbac-plan.yaml")),
    }


def test_no_code_in_a_text_imports_a_package_by_the_checkout_s_name(wheel: dict[str, bytes]) -> None:
    """A program that is handed to another process is text, in which the build changes nothing."""
    imports = re.compile(rf"\b(?:from|import) (?:{'|'.join(PACKAGES)})\b")
    for name, source in wheel.items():
        tree = ast.parse(source) if name.endswith(".py") else ast.Module([], [])
        silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in silent]
        assert [one.value for one in texts if isinstance(one.value, str) and imports.search(one.value)] == [], name


def test_the_source_distribution_builds_a_wheel_by_itself(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")  # the wheel beside it was made from it
    with tarfile.open(path) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    assert {ROOF, *PACKAGES, "pyproject.toml", "hatch_build.py", "README.md"} <= tops
    assert not tops & {"tests", "sandbox", "examples", "Pulumi.dev.yaml"}


def test_the_library_is_the_same_by_either_name() -> None:
    import components
    import pulumi_cutover

    assert {name: getattr(pulumi_cutover, name) for name in components.__all__} == {
        name: getattr(components, name) for name in components.__all__
    }
    assert set(components.__all__) <= set(dir(pulumi_cutover))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = pulumi_cutover.Nothing  # type: ignore[attr-defined]
