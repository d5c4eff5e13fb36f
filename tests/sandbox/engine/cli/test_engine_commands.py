"""stack and config commands: what they print, write and refuse."""

import json
from pathlib import Path

import pytest

from sandbox.engine.backend.version import VERSION
from tests.sandbox.engine.cli.conftest import Pulumi


def test_version_is_one_line_and_semver(pulumi: Pulumi) -> None:
    assert pulumi("version").out == VERSION + "\n"
    assert pulumi("--non-interactive", "version").out == VERSION + "\n"


def test_init_selects_and_writes_the_salt_if_there_is_a_passphrase(pulumi: Pulumi, project: Path) -> None:
    assert pulumi("stack", "init", "bare").code == 0
    assert not (project / "Pulumi.bare.yaml").exists()
    assert pulumi("stack", "init", "dev", passphrase="right").code == 0
    assert (project / "Pulumi.dev.yaml").read_text().startswith("encryptionsalt: v1:")
    assert pulumi("stack", "--show-name").out == "dev\n"
    assert pulumi("stack", "select", "bare").code == 0
    names = [(item["name"], item["current"]) for item in json.loads(pulumi("stack", "ls", "--json").out)]
    assert names == [("bare", True), ("dev", False)]


def test_a_stack_is_found_by_its_full_name_and_by_the_environment(
    pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi("stack", "init", "organization/shop/dev", "--no-select")
    assert pulumi("stack", "--stack", "organization/dev", "--show-name").out == "dev\n"
    result = pulumi("stack", "--show-name")
    assert (result.code, result.err) == (6, "error: no stack selected; specify a stack name with --stack\n")
    monkeypatch.setenv("PULUMI_STACK", "dev")
    assert pulumi("stack", "--show-name").out == "dev\n"


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (["stack", "select", "nope"], 6, "no stack named 'nope' found"),
        (["up", "-yf", "--stack", "nope"], 6, "no stack named 'nope' found"),
        (["stack", "init", "dev"], 1, "stack 'organization/shop/dev' already exists"),
        (["stack", "init", "organization/other/dev"], 1, "belongs to another project"),
        (["stack", "init", "x", "--secrets-provider", "awskms://k"], 2, "knows `passphrase` only"),
        (["stack", "rm", "dev"], 1, "non-interactive mode requires --yes"),
        (["stack", "rename", "new"], 1, "unknown command `pulumi stack rename`"),
        (["config", "get", "nope"], 1, "configuration key 'nope' not found for stack 'dev'"),
        (["config", "set", "a", "b", "--secret", "--plaintext"], 2, "only one of --secret, --plaintext and --type"),
        (["config", "set", "a", "x", "--type", "int"], 1, "'x' is not of type int"),
        (["config", "set-all", "--plaintext", "novalue"], 1, "must be in the form [key]=[value]"),
        (["up", "--no-such-flag"], 1, "unknown flag or argument: --no-such-flag"),
        (["plugin", "install", "resource", "aws"], 1, "Kubernetes resources only"),
        (["-C", "missing", "stack"], 2, "--cwd missing: No such file or directory"),
        (["login", "https://example.org"], 2, "this engine keeps state in files only"),
    ],
)
def test_mistakes_have_a_message_and_a_code(pulumi: Pulumi, command: list[str], code: int, message: str) -> None:
    pulumi("stack", "init", "dev")
    result = pulumi(*command)
    assert result.code == code
    assert message in result.err
    assert result.err.startswith("error: ")


def test_rm_wants_an_empty_stack_and_keeps_the_config_if_told(pulumi: Pulumi, project: Path) -> None:
    pulumi("stack", "init", "dev", passphrase="")
    pulumi("up", "-yf")
    result = pulumi("stack", "rm", "--yes", "dev")
    assert result.code == 1
    assert "'dev' still has resources; removal rejected" in result.err
    assert pulumi("stack", "rm", "--yes", "--force", "--preserve-config", "dev").code == 0
    assert (project / "Pulumi.dev.yaml").exists()
    assert pulumi("stack", "ls", "--json").out == "[]\n"


def test_the_wrong_passphrase_is_told_and_changes_nothing(pulumi: Pulumi, project: Path) -> None:
    pulumi("stack", "init", "dev", passphrase="right")
    pulumi("config", "set", "--secret", "token", "swordfish")
    before = (project / "Pulumi.dev.yaml").read_text()
    for command in (["config", "set", "--secret", "b", "c"], ["config", "get", "token"], ["up", "-yf"]):
        result = pulumi(*command, passphrase="wrong")
        assert result.code == 1
        assert "incorrect passphrase" in result.err
    assert (project / "Pulumi.dev.yaml").read_text() == before
    assert pulumi("config", "get", "token", passphrase="right").out == "swordfish\n"


def test_setting_one_value_changes_one_line(pulumi: Pulumi, project: Path) -> None:
    pulumi("stack", "init", "dev")
    text = "# dev\nconfig:\n  shop:services:\n    web: {active: blue, replicas: 3} # two colors\n  shop:name: x\n"
    (project / "Pulumi.dev.yaml").write_text(text)
    pulumi("config", "set", "--path", "shop:services.web.active", "green")
    assert (project / "Pulumi.dev.yaml").read_text() == text.replace("blue", "green")
    pulumi("config", "rm", "--path", "services.web.replicas")
    pulumi("config", "rm", "name")
    expected = "# dev\nconfig:\n  shop:services:\n    web: {active: green} # two colors\n"
    assert (project / "Pulumi.dev.yaml").read_text() == expected


def test_a_linked_stack_file_stays_a_link(pulumi: Pulumi, project: Path, tmp_path: Path) -> None:
    pulumi("stack", "init", "dev")
    shared = tmp_path / "shared.yaml"
    shared.write_text("config: {}\n")
    (project / "Pulumi.dev.yaml").symlink_to(shared)
    pulumi("config", "set", "a", "b")
    assert (project / "Pulumi.dev.yaml").is_symlink()
    assert "shop:a: b" in shared.read_text()


def test_values_and_types(pulumi: Pulumi, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pulumi("stack", "init", "dev")
    pulumi("config", "set", "top", "3")
    pulumi("config", "set", "--path", "map.number", "3")
    pulumi("config", "set", "--path", "map.flag", "true")
    pulumi("config", "set", "typed", "3", "--type", "int")
    pulumi("config", "set", "other:ns", "--", "--dashes")
    pulumi("config", "set-all", "--plaintext", "a=1", "--plaintext", '"x=y"=2')
    pulumi("config", "set-all", "--json", '{"j": {"value": "{}", "objectValue": {"k": [1]}}}')
    assert json.loads(pulumi("config", "--json").out) == {
        "other:ns": {"value": "--dashes", "secret": False},
        "shop:a": {"value": "1", "secret": False},
        "shop:j": {"value": '{"k":[1]}', "objectValue": {"k": [1]}, "secret": False},
        "shop:map": {"value": '{"flag":true,"number":3}', "objectValue": {"flag": True, "number": 3}, "secret": False},
        "shop:top": {"value": "3", "secret": False},
        "shop:typed": {"value": "3", "secret": False},
        "shop:x=y": {"value": "2", "secret": False},
    }
    assert "shop:top: '3'" in (project / "Pulumi.dev.yaml").read_text()
    assert "shop:typed: 3" in (project / "Pulumi.dev.yaml").read_text()
    assert pulumi("config", "rm-all", "a", "j", "map", "top", "typed", "x=y").code == 0
    assert pulumi("config").out == "KEY       VALUE\nother:ns  --dashes\n"


def test_another_config_file(pulumi: Pulumi, project: Path) -> None:
    pulumi("stack", "init", "dev")
    pulumi("config", "set", "a", "1", "--config-file", "other.yaml")
    assert (project / "other.yaml").read_text() == "config:\n  shop:a: '1'\n"
    assert pulumi("config", "get", "a", "--config-file", "other.yaml").out == "1\n"


def test_defaults_of_the_project_show_and_do_not_overrule(pulumi: Pulumi, project: Path) -> None:
    defaults = "config:\n  plain: yes\n  size: {type: integer, default: 3}\n  k8s:context: {value: box}\n"
    (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n" + defaults)
    pulumi("stack", "init", "dev")
    pulumi("config", "set", "plain", "mine")
    values = {key: item["value"] for key, item in json.loads(pulumi("config", "--json").out).items()}
    assert values == {"k8s:context": "box", "shop:plain": "mine", "shop:size": "3"}


def test_export_and_import_move_a_stack_with_its_secrets(pulumi: Pulumi, project: Path) -> None:
    pulumi("stack", "init", "dev", passphrase="right")
    pulumi("up", "-yf")
    sealed = json.loads(pulumi("stack", "export").out)
    assert "ciphertext" in json.dumps(sealed)
    pulumi("stack", "export", "--show-secrets", "--file", "open.json")
    assert "hidden" in (project / "open.json").read_text()
    (project / "sealed.json").write_text(json.dumps(sealed))
    for name in ("open.json", "sealed.json"):
        pulumi("destroy", "-yf")
        assert pulumi("stack", "import", "--file", name).out == "Import complete.\n"
        assert json.loads(pulumi("stack", "output", "--json", "--show-secrets").out)["secret"] == "hidden"
        assert pulumi("preview", "--expect-no-changes").code == 0


def test_import_refuses_another_stacks_resources_and_what_is_no_state(pulumi: Pulumi, project: Path) -> None:
    pulumi("stack", "init", "dev", passphrase="")
    pulumi("up", "-yf")
    text = pulumi("stack", "export").out
    pulumi("stack", "init", "prod")
    (project / "state.json").write_text(text)
    result = pulumi("stack", "import", "--file", "state.json")
    assert "belongs to another stack than shop/prod" in result.err
    checkpoint_of_the_backend = json.dumps({"version": 3, "checkpoint": json.loads(text)["deployment"]})
    for wrong in ("{}", checkpoint_of_the_backend):  # neither may empty the state
        (project / "state.json").write_text(wrong)
        result = pulumi("stack", "import", "--file", "state.json")
        assert result.code == 1
        assert "could not read the deployment to import" in result.err


def test_login_chooses_the_backend(pulumi: Pulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    assert "no backend is chosen" in pulumi("stack", "ls").err
    assert pulumi("login", f"file://{tmp_path / 'mine'}").code == 1
    (tmp_path / "mine").mkdir()
    assert "no network, no account" in pulumi("login", f"file://{tmp_path / 'mine'}").out
    pulumi("stack", "init", "dev")
    assert (tmp_path / "mine/.pulumi/stacks/shop/dev.json").exists()
    assert json.loads(pulumi("whoami", "--json").out)["url"] == f"file://{tmp_path / 'mine'}"
    assert "the state in it stays" in pulumi("logout").out
    assert "no backend is chosen" in pulumi("stack", "ls").err


def test_the_project_may_name_the_backend(pulumi: Pulumi, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    (project / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\nbackend: {{url: 'file://{project}/here'}}\n")
    (project / "here").mkdir()
    pulumi("stack", "init", "dev")
    assert (project / "here/.pulumi/stacks/shop/dev.json").exists()


def test_a_backend_that_is_not_there_is_no_empty_one(
    pulumi: Pulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"file://{tmp_path / 'mistyped'}"
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    for words in (["stack", "ls", "--json"], ["stack", "init", "dev"], ["whoami"], ["preview", "-s", "dev"]):
        result = pulumi(*words)
        assert result.code == 1
        assert f'unable to open state directory "{url}": stat {tmp_path}/mistyped: no such file' in result.err
    assert not (tmp_path / "mistyped").exists()
    (tmp_path / "mistyped").touch()
    assert "mistyped is not a directory" in pulumi("stack", "ls").err


def test_without_a_project_there_is_a_word_about_it(pulumi: Pulumi, project: Path) -> None:
    (project / "Pulumi.yaml").unlink()
    result = pulumi("config")
    assert result.code == 1
    assert "no Pulumi.yaml project file found" in result.err


def test_help_names_every_command(pulumi: Pulumi) -> None:
    text = pulumi("--help").out
    assert "pulumi stack history" in text
    assert "--remote" not in text
