"""`cutover init`: a new environment's stack file. Writes that one file, and never over another."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from cutover.errors import UsageError
from cutover.reading_options import Cwd
from cutover.schema_file import schema_path
from cutover.stackfile.find import config_folder, find_project
from cutover.stackfile.template import Answers, render
from cutover.stackfile.view import read_view


def init(
    name: Annotated[str, typer.Argument(help="Name of the new stack, such as prod.")],
    image: Annotated[str, typer.Option(help="Image of the first release, with a tag or a digest.")],
    service: Annotated[str, typer.Option(help="Name of the first service.")] = "web",
    namespace: Annotated[str | None, typer.Option(help="Existing namespace; the stack's name unless given.")] = None,
    version: Annotated[str | None, typer.Option(help="Version; the image's tag unless given.")] = None,
    build: Annotated[int, typer.Option(help="Build number.")] = 1,
    port: Annotated[int, typer.Option(help="Port that the container listens on.")] = 8080,
    replicas: Annotated[int, typer.Option(help="Pods that take the traffic.")] = 2,
    readiness: Annotated[str, typer.Option(help="Path that answers 200-399 when a pod may get traffic.")] = "/readyz",
    strategy: Annotated[Literal["blue-green", "rolling"], typer.Option(help="Kind of service.")] = "blue-green",
    cwd: Cwd = Path(),
) -> None:
    """Write Pulumi.NAME.yaml with every key explained, and say what comes next. Never overwrites.

    Example: cutover init qa --image registry.example/shop:1.4.0 --service storefront --namespace shop-qa
    """
    project = find_project(cwd)
    path = config_folder(project) / f"Pulumi.{name}.yaml"
    _refuse_odd_name(name, path)
    answers = Answers(
        name=name,
        namespace=namespace or name,
        service=service,
        strategy=strategy,
        version=version or _tag(image),
        build=build,
        image=image,
        port=port,
        replicas=replicas,
        readiness=readiness,
    )
    text = render(_schema(project), answers)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path.name} is there already; nothing was written", "choose another name") from None
    try:
        _check(project, path)
    except BaseException:
        path.unlink()  # it was ours and never good for anything
        raise
    sys.stdout.write(_next_steps(answers, path))


def _refuse_odd_name(name: str, path: Path) -> None:
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name in ("yaml", "yml"):
        raise UsageError(f"{name!r} is no name of a stack", "letters, digits, dashes, dots and underscores only")
    if path.with_suffix(".yml").exists():
        raise UsageError(
            f"{path.with_suffix('.yml').name} is there already; nothing was written", "choose another name"
        )


def _tag(image: str) -> str:
    """The image's tag, as the version."""
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    if not tag:
        raise UsageError(f"--image {image}: no tag to take the version from", "give --version, such as --version 1.4.0")
    return tag


def _schema(project: Path) -> dict[str, object]:
    import json

    found: dict[str, object] = json.loads(schema_path(project).read_text())
    return found


def _check(project: Path, path: Path) -> None:
    """Raises UsageError with all that the program would say of the new file."""
    from cutover.doctor.program import check_config, find_python

    python, _ = find_python(project)
    found = check_config(python, read_view(path))
    if found.good is False:
        raise UsageError(f"that makes no valid configuration; nothing was written:\n{found.said}")


def _next_steps(answers: Answers, path: Path) -> str:
    return f"""\
wrote {path.name}
next:
  pulumi stack init {answers.name}
  kubectl create namespace {answers.namespace}
  kubectl apply -n {answers.namespace} -f docs/rbac.yaml
  cutover doctor --stack {answers.name}
  cutover up --stack {answers.name}
"""
