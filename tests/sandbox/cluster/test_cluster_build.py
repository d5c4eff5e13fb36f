"""What is built, and when it is built again."""

from pathlib import Path

import pytest

from sandbox.cluster import build
from sandbox.cluster.errors import SandboxError

GO_MOD = (build.GO_DIRECTORY / "go.mod").read_text()


def _ignore(_line: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture
def go_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pause").mkdir()
    for name in build.REBUILD_WHEN_CHANGED:
        (tmp_path / name).write_bytes((build.GO_DIRECTORY / name).read_bytes())
    monkeypatch.setattr(build, "GO_DIRECTORY", tmp_path)
    return tmp_path


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty cache, and a compiler that only notes what it was asked for."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls: list[str] = []

    def compile_program(*arguments: str, report: build.Report) -> str:
        assert report is _ignore
        calls.append(arguments[-1])
        Path(arguments[arguments.index("-o") + 1]).write_text("program")
        return ""

    monkeypatch.setattr(build, "go", compile_program)
    return calls


def test_every_tool_of_go_mod_is_built_and_nothing_else() -> None:
    tools = GO_MOD[GO_MOD.index("tool (") + len("tool (") :].split(")")[0].split()
    assert {program.package for program in build.PROGRAMS.values()} == {*tools, "./pause"}


def test_every_staging_module_has_the_version_of_kubernetes() -> None:
    wanted = build.KUBERNETES_VERSION.replace("v1.", "v0.", 1)
    replaced = [line.split() for line in GO_MOD.splitlines() if "=>" in line]
    assert replaced
    assert all(old == new and version == wanted for old, _, new, version in replaced)


def test_programs_say_their_version() -> None:
    assert f"gitVersion={build.KUBERNETES_VERSION}" in build.PROGRAMS["kube-apiserver"].linker_flags
    assert "pkg/version.VERSION=1.1.0" in build.PROGRAMS["podinfo-1.1.0"].linker_flags


def test_a_module_that_is_not_required_is_an_error() -> None:
    with pytest.raises(SandboxError, match=r"requires no module example\.org/none"):
        build.required_version("example.org/none", GO_MOD)


def test_a_new_pin_is_a_new_cache_directory(go_directory: Path) -> None:
    before = build.key()
    assert build.key() == before
    (go_directory / "go.sum").write_text("another")
    assert build.key() != before


def test_another_architecture_is_another_cache_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = set()
    for machine in ("x86_64", "aarch64"):
        monkeypatch.setattr("platform.machine", lambda machine=machine: machine)
        keys.add(build.key())
    assert len(keys) == 2


def test_an_unknown_architecture_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(SandboxError, match="this machine is riscv64"):
        build.architecture()


def test_only_what_is_missing_is_built(built: list[str]) -> None:
    build.ensure(("etcd", "pause"), _ignore)
    assert built == ["go.etcd.io/etcd/server/v3", "./pause"]
    build.ensure(("etcd", "pause", "kwok"), _ignore)
    assert built == ["go.etcd.io/etcd/server/v3", "./pause", "sigs.k8s.io/kwok/cmd/kwok"]


def _fake_go(path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setattr(build, "find_go", lambda _report: path)


def test_a_long_build_gives_signs_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    _fake_go(tmp_path / "go", f"until test -e {seen}; do sleep 0.05; done; echo built", monkeypatch)
    monkeypatch.setattr(build, "SIGN_OF_LIFE_SECONDS", 0.1)
    lines: list[str] = []

    def report(line: str) -> None:
        lines.append(line)
        seen.touch()

    assert build.go("build", "./pause", report=report) == "built\n"
    assert lines[0].startswith("still at `go build … ./pause`")


def test_what_the_compiler_says_is_in_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_go(tmp_path / "go", "echo 'undefined: x' >&2; exit 1", monkeypatch)
    with pytest.raises(SandboxError, match="undefined: x"):
        build.go("build", "./pause", report=_ignore)


def test_a_failed_build_leaves_no_program(built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: str, report: build.Report) -> str:
        assert report is _ignore
        raise SandboxError("does not compile")

    monkeypatch.setattr(build, "go", fail)
    with pytest.raises(SandboxError, match="does not compile"):
        build.ensure(("etcd",), _ignore)
    assert built == []
    assert list(build.binaries().iterdir()) == []
