"""The requirements.txt of a new project: the package as it was installed, and its lock, by hash where that can be."""

import hashlib
import json
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from packaging.requirements import Requirement

from cutover.project import requirements as module
from cutover.project.lock import needed, plain, read_lock
from cutover.project.requirements import requirements
from cutover.shipped import LOCK, OWN

WHEEL = "pulumi_cutover-0.3.0-py3-none-any.whl"
PACKAGES = {"pulumi": "3.280.0", "PyYAML": "6.0.3"}
LOCKED = """\
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:c1 \\
    --hash=sha256:c2
    # via click
click==8.1.0 \\
    --hash=sha256:d1
    # via
    #   -r requirements.in
    #   pulumi
    #   uvicorn
pulumi==3.280.0 \\
    --hash=sha256:e1
    # via -r requirements.in
pyyaml==6.0.3 \\
    --hash=sha256:f1
    # via
    #   -r requirements.in
    #   pulumi
uvicorn==0.54.0 \\
    --hash=sha256:a1
    # via -r requirements.in
"""


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The notes of an installed package; what it needs is installed as `PACKAGES` has it, and LOCKED is its lock."""
    made = tmp_path / "pulumi_cutover-0.3.0.dist-info"
    made.mkdir()
    asks = ("pulumi<4,>=3.272", "PyYAML<7,>=6", 'uvicorn>=0.54; extra == "dashboard"')
    lines = ["Metadata-Version: 2.4", "Name: pulumi-cutover", "Version: 0.3.0", *(f"Requires-Dist: {n}" for n in asks)]
    (made / "METADATA").write_text("\n".join(lines) + "\n")
    (tmp_path / LOCK).write_text(LOCKED)
    monkeypatch.setattr(metadata, "distribution", lambda name: metadata.PathDistribution(made))
    monkeypatch.setattr(metadata, "version", PACKAGES.get)
    return made


def test_a_checkout_is_installed_as_a_checkout() -> None:
    made = requirements(OWN, OWN / LOCK)
    assert made.text.endswith(f"pulumi-cutover @ {OWN.as_uri()}\n")
    assert (made.hashed, made.words) == (False, "-r requirements.txt")


def test_from_a_file_it_is_held_to_the_file_s_hash_and_what_it_needs_to_the_lock(
    installed: Path, tmp_path: Path
) -> None:
    wheel = tmp_path / WHEEL
    wheel.write_bytes(b"a wheel")
    digest = hashlib.sha256(b"a wheel").hexdigest()
    (installed / "direct_url.json").write_text(json.dumps({"url": wheel.as_uri(), "archive_info": {}}))  # as uv does it
    made = requirements(tmp_path, tmp_path / LOCK)
    assert (made.hashed, made.installed, made.words) == (True, True, "--require-hashes -r requirements.txt")
    assert f"\npulumi-cutover @ {wheel.as_uri()} \\\n    --hash=sha256:{digest}\ncolorama==0.4.6 ;" in made.text
    names = [line.partition("==")[0] for line in made.text.splitlines() if "==" in line and line[0].isalpha()]
    assert names == ["colorama", "click", "pulumi", "pyyaml"]  # and no server, which an extra asks for

    wheel.unlink()
    assert not requirements(tmp_path, tmp_path / LOCK).hashed
    noted = {"url": "https://dist.example/" + WHEEL, "archive_info": {"hashes": {"sha256": "ab"}}}
    (installed / "direct_url.json").write_text(json.dumps(noted))  # as pip does it
    assert f"pulumi-cutover @ {noted['url']} \\\n    --hash=sha256:ab\n" in requirements(tmp_path, tmp_path / LOCK).text


@pytest.mark.parametrize("origin", [{"dir_info": {}}, {"vcs_info": {"vcs": "git", "commit_id": "1"}}])
def test_what_has_no_hash_is_pinned_by_version_and_all_else_with_it(
    installed: Path, tmp_path: Path, origin: dict[str, object]
) -> None:
    (installed / "direct_url.json").write_text(json.dumps({"url": "file:///here", **origin}))
    made = requirements(tmp_path, tmp_path / LOCK)
    lines = [line for line in made.text.splitlines() if not line.startswith("#")]
    assert lines == ["pulumi-cutover @ file:///here", "pulumi==3.280.0", "PyYAML==6.0.3"]
    assert not made.hashed


def test_of_an_index_pip_is_asked_and_an_index_out_of_reach_gives_versions(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    made = requirements(tmp_path, tmp_path / LOCK)
    assert "\npulumi-cutover==0.3.0\npulumi==3.280.0\n" in made.text
    assert not made.hashed
    monkeypatch.setattr(module, "_of_index", lambda pin: {"pulumi-cutover==0.3.0": "ab"}[pin])
    assert "\npulumi-cutover==0.3.0 \\\n    --hash=sha256:ab\n" in requirements(tmp_path, tmp_path / LOCK).text


def test_other_versions_than_the_lock_s_are_told(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_of_index", lambda _: "ab")
    assert requirements(tmp_path, tmp_path / LOCK).installed
    monkeypatch.setattr(metadata, "version", {**PACKAGES, "PyYAML": "6.0.4"}.get)
    assert not requirements(tmp_path, tmp_path / LOCK).installed


def test_the_lock_that_is_shipped_has_all_that_the_package_asks_for_in_versions_that_it_takes() -> None:
    asked = tomllib.loads((OWN / "pyproject.toml").read_text())["project"]
    lock = read_lock((OWN / LOCK).read_text())
    every = [Requirement(line) for line in asked["dependencies"]]
    assert [str(one) for one in every if not one.specifier.contains(lock[plain(one.name)].version)] == []
    kept = needed(lock, [one.name for one in every])
    assert not {Requirement(line).name for line in asked["optional-dependencies"]["dashboard"]} & kept.keys()
    assert all("--hash=sha256:" in one.text for one in kept.values())


@given(some.dictionaries(some.sampled_from("abcdefgh"), some.sets(some.sampled_from("abcdefgh")), min_size=1))
def test_nothing_that_is_kept_needs_what_is_not(graph: dict[str, set[str]]) -> None:
    because = {name: [who for who, wants in graph.items() if name in wants] for name in graph}
    text = "".join(
        f"{name}==1 \\\n    --hash=sha256:0\n    # via\n" + "".join(f"    #   {who}\n" for who in ["-r all.in", *whom])
        for name, whom in because.items()
    )
    lock = read_lock(text)
    assert "".join(one.text for one in lock.values()) == text
    root = min(graph)
    kept = needed(lock, [root])
    assert root in kept
    assert {need for name in kept for need in graph[name] if need in graph} <= kept.keys()
