"""What the sandbox makes of the machine it finds: the kind of node, Debian's packages, the messages where it lacks."""

import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox import __main__ as cli
from sandbox.cluster import capability, packages
from sandbox.cluster.cluster import Cluster, Status
from sandbox.cluster.instance import Instance
from sandbox.errors import SandboxError


def _ignore(_line: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that can run pods."""
    monkeypatch.delenv(capability.VARIABLE, raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("subprocess.run", lambda argv, **_: subprocess.CompletedProcess(argv, 0))
    monkeypatch.setattr("sandbox.cluster.cgroups.problem", lambda: None)


@pytest.mark.usefixtures("able")
def test_pods_run_where_nothing_is_in_the_way() -> None:
    assert capability.node_kind((Path("/home/me/checkout"),)) == ("containerd", "")


@pytest.mark.usefixtures("able")
def test_kwok_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(capability.VARIABLE, "kwok")
    assert capability.node_kind(())[0] == "kwok"


@pytest.mark.usefixtures("able")
def test_without_root_kwok_plays_the_node_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert capability.node_kind(()) == ("kwok", "only root can make the namespaces that pods need")


@pytest.mark.usefixtures("able")
def test_asking_for_pods_where_they_cannot_run_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(capability.VARIABLE, "containerd")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SandboxError, match="only root"):
        capability.node_kind(())


def test_an_unknown_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(capability.VARIABLE, "docker")
    with pytest.raises(SandboxError, match="'docker' is no kind of node: set it to containerd or kwok"):
        capability.node_kind(())


@pytest.mark.usefixtures("able")
def test_a_checkout_that_the_node_would_hide_means_kwok() -> None:
    kind, reason = capability.node_kind((Path("/var/lib/jenkins/workspace"),))
    assert kind == "kwok"
    assert "/var/lib/jenkins/workspace lies in /var/lib" in reason


def test_programs_of_the_system_are_found_whatever_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/home/me/bin:/usr/sbin")
    packages.search_system_directories()
    assert os.environ["PATH"] == "/home/me/bin:/usr/sbin:/usr/local/sbin:/sbin"


def test_missing_packages_are_those_whose_programs_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name in {"ctr", "runc"} else f"/usr/bin/{name}")
    monkeypatch.setattr(packages, "cni_directory", lambda: None)
    assert packages.missing() == ["containerd", "containernetworking-plugins", "runc"]


def test_without_apt_get_the_message_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "missing", lambda: ["conntrack", "runc"])
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SandboxError, match="conntrack, runc"):
        packages.ensure(_ignore)


@pytest.fixture
def apt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
    """An apt-get that fails before `update` was run, on a machine whose services would start."""
    calls: list[tuple[str, ...]] = []
    policy = tmp_path / "policy-rc.d"

    def run(argv: tuple[str, ...], **_: object) -> subprocess.CompletedProcess[str]:
        assert policy.read_text().endswith("exit 101\n")
        calls.append(argv)
        updated = ("apt-get", "update") in calls
        return subprocess.CompletedProcess(argv, 0 if updated else 100, "", "no such package")

    monkeypatch.setattr(packages, "START_POLICY", policy)
    monkeypatch.setattr(packages, "missing", lambda: ["runc"])
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("subprocess.run", run)
    return calls


def test_packages_are_installed_after_an_update_if_need_be_and_no_service_starts(apt: list[tuple[str, ...]]) -> None:
    packages.ensure(_ignore)
    assert [call[1] for call in apt] == ["install", "update", "install"]
    assert not packages.START_POLICY.exists()


def test_the_administrators_start_policy_is_left_alone(apt: list[tuple[str, ...]]) -> None:
    packages.START_POLICY.write_text("#!/bin/sh\n# ours\nexit 101\n")
    packages.ensure(_ignore)
    assert apt
    assert "# ours" in packages.START_POLICY.read_text()


@pytest.fixture
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    cluster = Cluster(Instance("none", "10.218", tmp_path / "state"), _ignore)
    monkeypatch.setattr(cli, "Cluster", lambda **_: cluster)
    return cluster


def test_status_says_that_nothing_runs_with_its_own_exit_code(nothing_runs: Cluster) -> None:
    result = CliRunner().invoke(cli.app, ["status"])
    assert result.exit_code == cli.NOT_UP
    assert nothing_runs.status() == Status(ready=False)
    assert not nothing_runs.status().traffic


def test_down_of_nothing_is_fine(nothing_runs: Cluster) -> None:
    assert CliRunner().invoke(cli.app, ["down"]).exit_code == 0
    assert nothing_runs.leftovers() == []


def test_what_needs_a_running_cluster_says_how_to_start_it(nothing_runs: Cluster) -> None:
    with pytest.raises(SandboxError, match=r"start it with `python -m sandbox up`"):
        nothing_runs.execute(["true"])
    with pytest.raises(SandboxError, match="is not up"):
        nothing_runs.flush_conntrack()
