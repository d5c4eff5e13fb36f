"""The pipelines of docs/ci.md, those that `cutover init` makes of them, and this project's own: least privilege, pinned
actions, commands that exist.
"""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.main import get_command

from cutover.command_line import app
from cutover.project.pipelines import pipelines

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "ci.md").read_text()
OWN = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")}
BLOCKS = re.findall(r"^### `(?P<path>[^`]+)`.*?^```yaml\n(?P<text>.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
GITLAB = TEXT.split("## GitLab")[1].split("```yaml\n")[1].split("```")[0]
PINNED = re.compile(r"(?:\./\.github/actions/cutover|[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+\b.*)")
COMMAND = re.compile(r"(?:^|\s|`)(?:\.venv/bin/(?:python -m )?)?cutover (?P<words>[a-z]+(?: [^\n`|>;]*)?)")
PIP_WORDS = "--require-hashes -r all.txt"
NEW = {
    kind: pipelines(TEXT, stack="eu-1", service="api", two_colors=kind == "blue-green", pip_words=PIP_WORDS)
    for kind in ("blue-green", "rolling")
}
MAY_WRITE = {
    "comment": {"pull-requests"},
    "deploy": {"contents"},
    "rollback": {"contents"},
    "attest": {"id-token", "attestations"},
    "publish": {"id-token"},
}
Json = dict[str, Any]


def workflows() -> dict[str, str]:
    found = {path: text for path, text in BLOCKS if "workflows" in path}
    new = {f"{kind} {path}": text for kind, files in NEW.items() for path, text in files.items() if "workflows" in path}
    return {**found, **new, **OWN}


def test_the_files_are_there() -> None:
    assert [path.rpartition("/")[2] for path, _ in BLOCKS] == [
        "action.yml", "plan.yml", "deploy.yml", "rollback.yml", ".gitlab-ci.yml",
    ]  # fmt: skip


def test_a_new_project_has_them_for_its_own_stack_and_service() -> None:
    for kind, files in NEW.items():
        assert list(files) == [path for path, _ in BLOCKS]
        text = "".join(files.values())
        assert "CUTOVER_STACK: eu-1\n" in text
        assert not re.search(r"\bprod\b|storefront|python -m cutover|requirements.txt", text)
        assert text.count(f"pip install --quiet {PIP_WORDS}\n") == 2
        assert ("cutover promote api" in text, "--roll-out" in text) == (kind == "blue-green", kind == "rolling")
        assert ("LOAD_URL" in text, "--now" in text) == (kind == "blue-green", kind == "blue-green")


@pytest.mark.parametrize("path", workflows())
def test_a_workflow_has_no_right_that_its_jobs_do_not_name(path: str) -> None:
    workflow: Json = yaml.safe_load(workflows()[path])
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert set(job["permissions"].values()) <= {"read", "write"}, name
        written = {right for right, how in job["permissions"].items() if how == "write"}
        assert written <= MAY_WRITE.get(name, set()), name
        assert job["timeout-minutes"]


@pytest.mark.parametrize(("path", "text"), [*BLOCKS, *OWN.items()])
def test_every_action_is_pinned_by_the_commit_of_a_release(path: str, text: str) -> None:
    used = re.findall(r"uses: (.+)", text)
    assert [action for action in used if not PINNED.fullmatch(action)] == []


def test_one_action_has_one_pin() -> None:
    pins = re.findall(r"uses: ([\w-]+/[\w-]+)@([0-9a-f]{40})", TEXT + "".join(OWN.values()))
    assert len(set(pins)) == len(dict(pins))


@pytest.mark.parametrize("path", workflows())
def test_nothing_of_an_event_is_pasted_into_a_shell(path: str) -> None:
    workflow: Json = yaml.safe_load(workflows()[path])
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []
    checkouts = [step for step in steps if "actions/checkout" in step.get("uses", "")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def commands() -> list[str]:
    new = "".join(text for files in NEW.values() for text in files.values())
    found = [match["words"].strip() for match in COMMAND.finditer(TEXT + new)]
    return sorted({words for words in found if words.split()[0] not in ("describe",)})


@pytest.mark.parametrize("words", commands())
def test_every_command_is_one_that_the_driver_takes(words: str) -> None:
    plain = re.sub(r'"\$\{\w+\[@\]\}"', "", words).replace("'prod-*'", "prod")
    verb, *arguments = shlex.split(re.sub(r"\$\{?\w+\}?", "1", plain))
    group = get_command(app)
    context = typer.Context(group, info_name="cutover")
    command = group.get_command(context, verb)  # type: ignore[attr-defined]
    assert command is not None, f"no verb {verb!r}"
    assert command.make_context(verb, arguments, parent=context).params


def test_who_signs_a_release_runs_nothing_of_the_repository_and_who_builds_it_signs_nothing() -> None:
    jobs: Json = yaml.safe_load(OWN[".github/workflows/release.yml"])["jobs"]
    assert [step for step in jobs["attest"]["steps"] if "run" in step or "checkout" in step["uses"]] == []
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert (jobs["publish"]["environment"], jobs["publish"]["needs"], jobs["attest"]["needs"]) == (
        "pypi",
        "attest",
        "build",
    )
    installed = re.findall(r"install (.*)", "".join(OWN.values()))
    assert installed
    assert [words for words in installed if not words.startswith("--quiet --require-hashes -r ")] == []


@pytest.mark.parametrize("kind", ["blue-green", "rolling"])
def test_a_new_project_has_the_gitlab_pipeline_for_its_stack_and_service(kind: str) -> None:
    text = NEW[kind][".gitlab-ci.yml"]
    pipeline: Json = yaml.safe_load(text)
    assert not re.search(r"\bprod\b|storefront|requirements.txt|python -m cutover", text)
    assert pipeline[".changes"]["environment"]["name"] == pipeline[".changes"]["resource_group"] == "eu-1"
    *_, release = [line for line in pipeline["deploy"]["script"] if "cutover release api " in line]
    *_, rollback = pipeline["rollback"]["script"]
    two_colors = kind == "blue-green"
    assert any("cutover promote api " in line for line in pipeline["deploy"]["script"]) == two_colors
    assert release.endswith(" --pin --yes --commit" if two_colors else " --pin --roll-out --yes --commit")
    assert (" --now " in rollback) == two_colors


def test_the_gitlab_pipeline_reads_and_serializes_what_changes() -> None:
    pipeline: Json = yaml.safe_load(GITLAB)
    assert "TOKEN" not in str(pipeline["plan"]) + str(pipeline[".cutover"])  # it runs the merge request's code
    assert pipeline["plan"]["environment"]["name"] == "plan"
    assert (pipeline["comment"]["variables"], "extends" in pipeline["comment"]) == ({"GIT_STRATEGY": "none"}, False)
    assert pipeline["comment"]["environment"]["name"] == "comment"
    assert pipeline[".changes"]["resource_group"] == "prod"
    assert {pipeline[job]["extends"] for job in ("deploy", "rollback")} == {".changes"}
    assert pipeline["rollback"]["rules"][0]["when"] == "manual"
