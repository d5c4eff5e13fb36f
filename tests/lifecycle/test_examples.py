"""Every example does what its README says: its commands are run as they stand."""

import re
import shutil
from pathlib import Path

import pytest

from sandbox.pulumi import Engine
from tests.lifecycle import views
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.shell import Shell
from tests.lifecycle.stack import PROGRAM, ROOT
from tests.lifecycle.varieties import varieties

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
FOLDER = ROOT / "examples"
NAMESPACE = "cutover-example"  # in every example; here it becomes the test's own
EXAMPLES = sorted(path.parent.name for path in FOLDER.glob("*/Pulumi.yaml"))
# What the others show has a life cycle of its own beside this one.
NARROW = ("labels",)
_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_REFUSED = re.compile(r"#.*\brefused\b")


def _commands(readme: str) -> list[tuple[str, bool]]:
    """The commands in a README's `sh` blocks, and whether its comment says that it will be refused."""
    lines = "".join(_SHELL.findall(readme)).replace("\\\n", " ").splitlines()
    return [(line, bool(_REFUSED.search(line))) for line in lines if line and not line.startswith("#")]


def test_every_example_is_listed() -> None:
    listed = re.findall(r"^\| \[([a-z-]+)\]\(", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == EXAMPLES


def test_the_readme_s_commands_from_a_fresh_checkout_to_a_rollback(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, tmp_path: Path
) -> None:
    """What needs a package registry, the administrator or a person is left out; a person's `yes` is said."""
    shell = Shell(tmp_path, cluster, engine, namespace)
    shell.project.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "__main__.py", "requirements.txt"):
        text = shell.take((ROOT / name).read_text(), NAMESPACE)
        (shell.project / name).write_text(text.replace("namespace: shop", f"namespace: {namespace.name}"))
    for name in PROGRAM:
        (shell.project / name).symlink_to(ROOT / name, target_is_directory=True)
    readme = (ROOT / "README.md").read_text().partition("\n## As a library\n")[0]  # that is test_package.py's
    _, *blocks = _SHELL.findall(readme)  # the first is `make`'s
    left_out = re.compile(r"^(python3 -m venv|pip install|kubectl |pulumi login)|--watch")
    said = ""
    for line in "".join(blocks).splitlines():
        command = line.partition("  #")[0].replace("--bake 5m", "--bake 5s")
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            shell.environment[name] = value.strip()
        elif not left_out.search(command):
            verb = command.split()[:2]
            changes = verb in (
                ["pulumi", "up"],
                ["cutover", "release"],
                ["cutover", "promote"],
                ["cutover", "rollback"],
            )
            ended = shell.run(f"{command} --yes" if changes else command)
            assert ended.returncode == 0, f"$ {command}\n{ended.stdout}"
            said = ended.stdout
    assert "storefront" in said
    assert views.live_color(namespace, "storefront") == "blue"
    assert shell.run("pulumi destroy --yes --stack dev").returncode == 0


@pytest.mark.parametrize("name", varieties(EXAMPLES, narrow=NARROW))
def test_example(name: str, cluster: Kubernetes, engine: Engine, namespace: Namespace, tmp_path: Path) -> None:
    shell = Shell(tmp_path, cluster, engine, namespace)
    project, run = shell.project, shell.run
    shutil.copytree(FOLDER / name, project, ignore=shutil.ignore_patterns("__pycache__"))
    for path in project.rglob("*"):
        if path.is_file():
            path.write_text(shell.take(path.read_text(), NAMESPACE))

    steps = [("pulumi stack init dev", False), *_commands((project / "README.md").read_text())]
    steps.append(("pulumi up --yes --stack dev", False))
    said = ""
    for command, refused in steps:
        ended = run(command)
        assert (ended.returncode != 0) == refused, f"$ {command}\n{ended.stdout}"
        said += ended.stdout
    if name == "adopt":
        assert re.search(r"1\.0\.0, cutover\.local/podinfo:1\.0\.0@sha256:[0-9a-f]{64}\n", said), said
        _has_all_of_the_old_pods(namespace)
    assert "created" not in ended.stdout, f"a second `up` had something to do:\n{ended.stdout}"
    assert "updated" not in ended.stdout, f"a second `up` had something to do:\n{ended.stdout}"
    destroyed = run("pulumi destroy --yes --stack dev")
    assert destroyed.returncode == 0, destroyed.stdout
    views.wait_until_empty(namespace)


def _has_all_of_the_old_pods(namespace: Namespace) -> None:
    """The pods of a release after an adoption have what kubectl's had, with a key of its own or without. The
    application is the second container, which the Service sends to; its image was named by the digest that ran.
    """
    for pod in views.ready_pods(namespace, "web", "green"):
        side, app = pod["spec"]["containers"]
        assert (app["name"], side["args"]) == ("app", ["--port=9990"])
        assert app["args"] == ["--port-metrics=9797"]
        assert {one["name"] for one in app["env"]} == {"PODINFO_UI_MESSAGE", "NODE"}
        assert "/cache" in {one["mountPath"] for one in app["volumeMounts"]}
        assert {one["containerPort"] for one in app["ports"]} == {9898, 9797}
        assert app["securityContext"]["runAsUser"] == 65532
