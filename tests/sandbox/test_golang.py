"""What is built, and when it is built again."""

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import golang
from sandbox.cluster import build as cluster
from sandbox.errors import SandboxError
from sandbox.gateway import build as gateway
from sandbox.golang import Module, Program, module, process
from sandbox.pulumi import build as pulumi

MODULES = {
    "cluster": cluster.MODULE,
    "CLI": pulumi.CLI,
    "provider": pulumi.provider(),
    "oldest": pulumi.OLDEST,
    "languages": pulumi.LANGUAGES,
    "gateway": gateway.MODULE,
}


def _ignore(_line: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture
def made(tmp_path: Path) -> Module:
    """A module of its own in a folder of its own."""
    folder = tmp_path / "go"
    folder.mkdir()
    (folder / "go.mod").write_text("module here\n\nrequire example.org/tool v1.2.3\n")
    (folder / "go.sum").write_text("sums\n")
    return Module(folder, (Program("one", "./one"), Program("two", "example.org/tool")), "a moment")


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty cache, and a compiler that only notes what it was asked for."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    calls: list[str] = []

    def compile_program(_: Module, *arguments: str, report: golang.Report) -> str:
        assert report is _ignore
        calls.append(arguments[-1])
        Path(arguments[arguments.index("-o") + 1]).write_text("program")
        return ""

    monkeypatch.setattr(Module, "go", compile_program)
    return calls


def test_every_tool_of_a_go_mod_is_built_and_nothing_else() -> None:
    for found in MODULES.values():
        lines = [line.strip() for line in (found.directory / "go.mod").read_text().splitlines()]
        block = lines[lines.index("tool (") + 1 :] if "tool (" in lines else []
        tools = block[: block.index(")")] if block else [one[5:] for one in lines if one.startswith("tool ")]
        assert {one.package for one in found.programs if not one.package.startswith(".")} == set(tools)


def test_every_staging_module_has_the_version_of_kubernetes() -> None:
    wanted = cluster.KUBERNETES_VERSION.replace("v1.", "v0.", 1)
    lines = (cluster.GO_DIRECTORY / "go.mod").read_text().splitlines()
    replaced = [line.split() for line in lines if "=>" in line]
    assert replaced
    assert all(old == new and version == wanted for old, _, new, version in replaced)


def test_programs_say_their_version() -> None:
    flags = {(name, one.name): one.linker_flags for name, found in MODULES.items() for one in found.programs}
    assert f"gitVersion={cluster.KUBERNETES_VERSION}" in flags["cluster", "kube-apiserver"]
    assert "pkg/version.VERSION=1.1.0" in flags["cluster", "podinfo-1.1.0"]
    assert f"version.Version={pulumi.CLI_VERSION}" in flags["CLI", "pulumi"]
    assert f"main.version={pulumi.provider_version()}" in flags["provider", pulumi.PROVIDER]
    assert "version.Version=v3.248.0" in flags["oldest", "pulumi"]


def test_a_module_that_is_not_required_is_an_error(made: Module) -> None:
    assert golang.required_version(made.directory, "example.org/tool") == "v1.2.3"
    with pytest.raises(SandboxError, match=r"requires no module example\.org/none"):
        golang.required_version(made.directory, "example.org/none")


def test_a_new_pin_flag_or_source_is_a_new_cache_directory(made: Module) -> None:
    keys = [made.key, made.key]
    assert len(set(keys)) == 1
    (made.directory / "go.sum").write_text("another")
    keys.append(made.key)
    (made.directory / "main.go").write_text("package main")
    keys.append(made.key)
    keys.append(replace(made, programs=(Program("one", "./one", (("main.version", "2"),)),)).key)
    assert len(set(keys)) == 4
    (made.directory / "main_test.go").write_text("package main")
    assert made.key == keys[3]


def test_another_architecture_is_another_cache_directory(made: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = set()
    for machine in ("x86_64", "aarch64"):
        monkeypatch.setattr("platform.machine", lambda machine=machine: machine)
        keys.add(made.key)
    assert len(keys) == 2


def test_an_unknown_architecture_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(SandboxError, match="this machine is riscv64"):
        golang.architecture()


def test_only_what_is_missing_is_built(made: Module, built: list[str]) -> None:
    made.ensure(_ignore, ("one",))
    assert built == ["./one"]
    made.ensure(_ignore)
    assert built == ["./one", "example.org/tool"]
    made.ensure(_ignore)
    assert len(built) == 2


def _fake_go(path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setattr(module, "find_go", lambda _report: path)


def test_a_long_build_gives_signs_of_life(made: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    _fake_go(tmp_path / "fake", f"until test -e {seen}; do sleep 0.05; done; echo built", monkeypatch)
    monkeypatch.setattr(process, "SIGN_OF_LIFE_SECONDS", 0.1)
    lines: list[str] = []

    def report(line: str) -> None:
        lines.append(line)
        seen.touch()

    assert made.go("build", "./one", report=report) == "built\n"
    assert lines[0].startswith("still at `go build … ./one`")


def test_what_the_compiler_says_is_in_the_error(made: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_go(tmp_path / "fake", "echo 'undefined: x' >&2; exit 1", monkeypatch)
    with pytest.raises(SandboxError, match="undefined: x"):
        made.go("build", "./one", report=_ignore)


def test_a_failed_build_leaves_no_program(made: Module, built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Module, *_arguments: str, report: golang.Report) -> str:
        raise SandboxError("does not compile")

    monkeypatch.setattr(Module, "go", fail)
    with pytest.raises(SandboxError, match="does not compile"):
        made.ensure(_ignore, ("one",))
    assert list(made.binaries.iterdir()) == []
