"""`cutover init`: what it writes deploys as it is."""

import subprocess
import sys

import pytest
import yaml

from tests.lifecycle import views
from tests.lifecycle.command import TIMEOUT_SECONDS, cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import REPOSITORY, V1
from tests.lifecycle.stack import NAME, ROOT, Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_a_new_environment_deploys_as_it_was_written(stack: Stack, namespace: Namespace) -> None:
    salt = stack.file.read_text() if stack.file.exists() else ""
    stack.file.unlink(missing_ok=True)
    (stack.project / "schema").symlink_to(ROOT / "schema", target_is_directory=True)
    words = ["--image", f"{REPOSITORY}:{V1}", "--service", "shop", "--namespace", namespace.name, "--port", "9898"]
    made = subprocess.run(
        [sys.executable, "-m", "cutover", "init", NAME, *words, "--cwd", str(stack.project)],
        cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with stack.file.open("a") as file:
        file.write(salt)  # what `pulumi stack init` writes into the file, here the fixture already did
    assert yaml.safe_load(stack.file.read_text())["config"]["cutover:namespace"] == namespace.name
    assert cutover(stack, "doctor").code == 0
    deployed = stack.run("up", "--yes", "--skip-preview")
    assert deployed.code == 0, deployed.said
    assert views.live_color(namespace) == "blue"
    assert cutover(stack, "status", "--until", "healthy", "--timeout", "90s").code == 0
