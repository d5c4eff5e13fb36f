"""The files of a new project, as texts. Pure."""

import json
from dataclasses import dataclass

from cutover.errors import UsageError
from cutover.project.pipelines import pipelines
from cutover.project.requirements import Requirements
from cutover.project.roles import narrowed
from cutover.stackfile.template import Answers
from cutover.strategies.registry import STRATEGIES

DEPLOYER, PLANNER = "rbac.yaml", "rbac-plan.yaml"

_PROJECT = """\
name: {name}
description: {description}, released without downtime
runtime:
  name: python
  options:
    virtualenv: .venv
# The gates are resource hooks. Since this version a failing `after` hook fails the deployment; before, it only warned.
requiredPulumiVersion: ">=3.238.0"
"""
_PROGRAM = """\
\"\"\"The program of every stack: its configuration, the components it asks for, what the stack exports.\"\"\"

from pulumi_cutover import run

run()
"""
_IGNORED = """\
.venv/
__pycache__/
"""


@dataclass(frozen=True)
class Brought:
    """The texts that the driver brings for a new project: docs/rbac.yaml, docs/rbac-plan.yaml and docs/ci.md."""

    deployer: str
    planner: str
    guide: str


def files_of(project: str, answers: Answers, brought: Brought, packages: Requirements) -> dict[str, str]:
    """Path in the project's folder -> text, beside the stack's file."""
    return {
        "Pulumi.yaml": _PROJECT.format(name=json.dumps(project), description=STRATEGIES[answers.strategy].in_words),
        "__main__.py": _PROGRAM,
        "requirements.txt": packages.text,
        ".gitignore": _IGNORED,
        DEPLOYER: narrowed(brought.deployer, answers.namespace),
        PLANNER: narrowed(brought.planner, answers.namespace),
        **pipelines(
            brought.guide,
            stack=answers.name,
            service=answers.service,
            two_colors=STRATEGIES[answers.strategy].switches,
            pip_words=packages.words,
        ),
    }


def checked_name(name: str) -> str:
    """The name of a project. Raises UsageError where the engine would not take it."""
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    if not (plain.isascii() and plain.isalnum()) or len(name) > 100:
        raise UsageError(f"{name!r} is no name of a project", "give it one: --project NAME, of letters, digits, - _ .")
    return name
