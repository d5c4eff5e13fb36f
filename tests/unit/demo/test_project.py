"""The scratch project: the checkout stays as it is, and commands run with the demo's own state."""

from pathlib import Path

import pytest

from demo.errors import DemoError
from demo.project import Project
from sandbox.paths import ROOT
from sandbox.pulumi import Engine

SCRIPT = """#!/bin/sh
case $1 in
    stack) exit 0 ;;
    config) echo "$5=$6" >> Pulumi.dev.yaml ;;
    up) echo "state $PULUMI_BACKEND_URL cluster $KUBECONFIG stack $PULUMI_STACK in $PWD"; ls; exit 3 ;;
    *) exec sleep 60 ;;
esac
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    command = tmp_path / "pulumi"
    command.write_text(SCRIPT)
    command.chmod(0o755)
    engine = Engine(command=command, version="v3.0.0", origin="a test")
    folder = tmp_path / "demo"
    made = Project(engine=engine, environment={"KUBECONFIG": "kube"}, tick=lambda _: None, folder=folder)
    made.create()
    return made


def test_edits_stay_out_of_the_checkout(project: Project) -> None:
    before = (ROOT / "Pulumi.dev.yaml").read_bytes()
    outcome = project.set("services.storefront.active", "green")
    assert outcome.command == "pulumi config set --path cutover:services.storefront.active green"
    copied = project.folder / "project" / "Pulumi.dev.yaml"
    assert copied.read_bytes().startswith(before)
    assert copied.read_bytes() != before
    assert (ROOT / "Pulumi.dev.yaml").read_bytes() == before


def test_commands_run_in_the_scratch_project_with_its_own_state(project: Project) -> None:
    outcome = project.up()
    assert outcome.exit_code == 3
    assert f"state file://{project.folder}/state cluster kube stack dev in {project.folder}/project" in outcome.output
    assert {"Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "components"} <= set(outcome.output.split())
    assert (project.folder / "logs" / "02-up.log").read_text() == outcome.output


def test_a_command_that_must_not_fail_tells_its_words(project: Project) -> None:
    with pytest.raises(DemoError, match=r"(?s)`pulumi up` ended with exit code 3:\nstate file.*log is in"):
        project.must("up")


def test_an_interrupt_ends_the_engine(project: Project) -> None:
    ticks: list[str] = []

    def interrupt(command: str) -> None:
        ticks.append(command)
        raise KeyboardInterrupt

    impatient = Project(engine=project.engine, environment={}, tick=interrupt, folder=project.folder)
    with pytest.raises(KeyboardInterrupt):
        impatient.run("destroy", "--yes")
    assert ticks == ["pulumi destroy --yes"]


def test_a_new_project_forgets_the_old_one(project: Project) -> None:
    project.set("services.storefront.active", "green")
    project.create()
    assert (project.folder / "project" / "Pulumi.dev.yaml").read_bytes() == (ROOT / "Pulumi.dev.yaml").read_bytes()
