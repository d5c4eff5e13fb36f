"""What the doctor says of the CLI and of the program, with stand-ins for the CLI."""

import shutil
import sys
from pathlib import Path

import pytest
import yaml

from cutover.doctor.cli import Cli, check_login, check_stack, find_cli
from cutover.doctor.findings import bad, good, skipped
from cutover.doctor.program import check_config, check_packages, find_python
from cutover.stackfile.view import read_view

ROOT = Path(__file__).resolve().parents[3]


def cli(folder: Path, script: str) -> Cli:
    command = folder / "pulumi"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    return Cli(str(command), folder)


def project(folder: Path, *, venv: str | None = sys.prefix) -> Path:
    options = {"options": {"virtualenv": venv}} if venv else {}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "cutover", "runtime": {"name": "python", **options}}))
    for name in ("components", "contract", "kubeaccess"):
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    return folder


def test_findings_say_how_to_fix_what_is_wrong() -> None:
    assert str(good("cluster", "there")) == "✔ cluster: there"
    assert str(bad("config", "two problems\nfirst", "mend it")) == (
        "✖ config: two problems\n    first\n    fix: mend it"
    )
    assert str(skipped("rights", "needs the cluster")) == "• rights: needs the cluster"
    assert bad("a", "b", "c").to_json() == {"check": "a", "result": "failed", "message": "b", "fix": "c"}


@pytest.mark.parametrize(
    ("script", "is_good", "said"),
    [
        ("echo v3.238.0", True, "v3.238.0 at"),
        ("echo v3.300.1-dev+abc", True, "v3.300.1-dev+abc at"),
        ("echo v3.237.9", False, "wanted 3.238.0 or later"),
        ("echo 'error: broken' >&2; exit 1", False, "does not run: broken"),
        ("echo hello", False, "does not run"),
    ],
)
def test_the_cli_must_be_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, is_good: bool, said: str
) -> None:
    monkeypatch.setenv("CUTOVER_PULUMI", cli(tmp_path, script).command)
    found, (finding,) = find_cli(tmp_path)
    assert (found is not None, finding.good) == (is_good, is_good)
    assert said in finding.said


def test_without_a_cli_it_says_where_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUTOVER_PULUMI", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    found, (finding,) = find_cli(tmp_path)
    assert found is None
    assert "install it" in finding.fix
    stacks, (login,) = check_login(found)
    assert (stacks, login.good) == (None, None)


def test_an_expired_login_is_told_with_the_engines_reason(tmp_path: Path) -> None:
    stacks, (finding,) = check_login(cli(tmp_path, "echo 'error: PULUMI_ACCESS_TOKEN must be set' >&2; exit 3"))
    assert stacks is None
    assert finding.good is False
    assert "PULUMI_ACCESS_TOKEN must be set" in finding.said
    assert "pulumi login" in finding.fix


def test_the_backend_is_named_without_its_password(tmp_path: Path) -> None:
    script = """case "$1" in
        stack) echo '[{"name": "organization/cutover/dev"}]';;
        *) echo '{"user": "me", "url": "postgres://me:s3cret@db.example/state?sslkey=x"}';;
    esac"""
    stacks, (finding,) = check_login(cli(tmp_path, script))
    assert stacks == ["dev"]
    assert finding.said == "postgres://db.example/state as me, stacks: 1"


def test_a_passphrase_is_tried_on_a_copy_of_the_stacks_file(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  cutover:namespace: shop\n")
    view = read_view(file)
    answers = "echo 'error: incorrect passphrase' >&2; exit 1"
    there, secrets = check_stack(cli(tmp_path, answers), ["dev"], view)
    assert (there.good, secrets.good) == (True, False)
    assert "PULUMI_CONFIG_PASSPHRASE" in secrets.fix
    writes = 'for word; do case "$word" in */Pulumi.dev.yaml) echo changed > "$word";; esac; done'
    assert [finding.good for finding in check_stack(cli(tmp_path, writes), ["dev"], view)] == [True, True]
    assert file.read_text() == "config:\n  cutover:namespace: shop\n"
    key = check_stack(cli(tmp_path, "echo 'error: AccessDenied: kms' >&2; exit 1"), ["dev"], view)[1]
    assert "secretsprovider" in key.fix


def test_a_stack_that_the_backend_does_not_have(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.qa.yaml"
    file.write_text("config: {}\n")
    there, secrets = check_stack(cli(tmp_path, "exit 9"), ["dev"], read_view(file))
    assert (there.good, there.fix, secrets.good) == (False, "`pulumi stack init qa`", None)


def test_the_programs_python_is_that_of_its_project(tmp_path: Path) -> None:
    python, (finding,) = find_python(project(tmp_path))
    assert finding.good
    assert python == Path(sys.prefix) / "bin" / "python"
    assert check_packages(python, ROOT).good


def test_a_virtual_environment_that_is_not_there(tmp_path: Path) -> None:
    python, (finding,) = find_python(project(tmp_path, venv=".venv"))
    assert python is None
    assert finding.fix.startswith("python3 -m venv .venv && .venv/bin/pip install")
    assert check_packages(python, tmp_path).good is None


def test_without_a_virtual_environment_it_is_the_python_that_the_engine_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the one that runs the driver, which may be installed apart from every program."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    for name in ("python3", "python3.other"):
        (tmp_path / name).symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PULUMI_PYTHON_CMD", raising=False)
    assert find_python(tmp_path)[0] == tmp_path / "python3"
    monkeypatch.setenv("PULUMI_PYTHON_CMD", "python3.other")
    assert find_python(tmp_path)[0] == tmp_path / "python3.other"
    monkeypatch.setenv("PULUMI_PYTHON_CMD", "python3.none")
    python, (finding,) = find_python(tmp_path)
    assert (python, finding.said) == (None, "there is no `python3.none` on the PATH")


@pytest.mark.parametrize(
    ("options", "fix"),
    [
        ("toolchain: uv", "uv sync"),
        ("virtualenv: venv", "python3 -m venv venv && venv/bin/pip install pulumi-cutover"),
        ("toolchain: poetry", ""),
    ],
)
def test_where_other_tools_keep_the_environment(tmp_path: Path, options: str, fix: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(f"name: shop\nruntime: {{name: python, options: {{{options}}}}}\n")
    python, (finding,) = find_python(tmp_path)
    assert (python, finding.good, finding.fix) == (None, False if fix else None, fix)


def test_the_package_itself_is_one_of_the_packages(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pulumi-cutover==0.0.1\n")
    finding = check_packages(Path(sys.executable), tmp_path)
    assert finding.said == "pulumi-cutover is not installed, pinned 0.0.1"
    assert finding.fix == f"{sys.executable} -m pip install -r requirements.txt"


def test_a_package_of_another_version_than_pinned(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pulumi==1.2.3 \\\n    --hash=sha256:0\n")
    finding = check_packages(Path(sys.executable), tmp_path)
    assert finding.good is False
    assert "pinned 1.2.3" in finding.said


def test_every_problem_of_the_config_is_told_at_once(tmp_path: Path) -> None:
    file = project(tmp_path) / "Pulumi.dev.yaml"
    shutil.copy(ROOT / "Pulumi.dev.yaml", file)
    assert check_config(Path(sys.executable), read_view(file)).good
    file.write_text(file.read_text().replace("podinfo:1.0.0", "podinfo").replace("active: blue", "active: red"))
    finding = check_config(Path(sys.executable), read_view(file))
    assert finding.good is False
    assert "cutover:services.storefront.active" in finding.said
    assert "cutover:services.storefront.blue.image" in finding.said


def test_a_program_that_has_its_services_itself_is_not_told_that_its_config_has_none(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config:\n  shop:namespace: shop\n")
    here = check_config(Path(sys.executable), read_view(file), ROOT)  # the package is there, as where it is installed
    assert (here.good, "names no services" in here.said) == (None, True)
    file = project(tmp_path) / "Pulumi.dev.yaml"  # the program of a stack's config: it would delete all
    assert check_config(Path(sys.executable), read_view(file)).good is False


def test_a_secret_among_the_services_is_told_and_not_shown(tmp_path: Path) -> None:
    file = project(tmp_path) / "Pulumi.dev.yaml"
    content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    content["config"]["cutover:services"]["storefront"]["env"] = {"KEY": {"secure": "v1:ciphertext"}}
    content["config"]["cutover:other"] = {"secure": "v1:of-no-concern"}
    file.write_text(yaml.safe_dump(content))
    finding = check_config(Path(sys.executable), read_view(file))
    assert finding.good is False
    assert "cutover:services\n    what: the value, or a value in it, is marked secret" in finding.said
    assert "ciphertext" not in str(finding)


def test_keys_that_secrets_name_are_looked_up_and_not_shown(tmp_path: Path) -> None:
    file = project(tmp_path) / "Pulumi.dev.yaml"
    content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    shop = content["config"]["cutover:services"]["storefront"]
    shop["secrets"] = {"A": "db", "B": "plain", "C": "shop:db", "D": "none"}
    hidden = {"secure": "v1:ciphertext"}
    content["config"] |= {"cutover:db": hidden, "shop:db": hidden, "cutover:plain": "hunter2"}
    file.write_text(yaml.safe_dump(content))
    finding = check_config(Path(sys.executable), read_view(file))
    assert finding.good is False
    assert "2 problems" in finding.said
    assert "secrets.B\n    what: cutover:plain is in the stack's config as plain text" in finding.said
    assert "secrets.D\n    what: the stack's config has no cutover:none" in finding.said
    assert "ciphertext" not in str(finding)
    assert "hunter2" not in str(finding)


def test_a_project_without_a_loader_is_not_judged(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text("config: {}\n")
    assert check_config(Path(sys.executable), read_view(file)).good is None
