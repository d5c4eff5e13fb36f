"""`cutover init`: a project from nothing, or the file of a further stack. Never writes over another file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from contract.strategies import BLUE_GREEN
from cutover.errors import UsageError
from cutover.project.write import write_all
from cutover.reading_options import Cwd
from cutover.shipped import HOME, LOCK, OWN, PIPELINES, RBAC, RBAC_PLAN, SCHEMA, path_in, shipped
from cutover.stackfile.find import config_folder, find_project
from cutover.stackfile.template import Answers, render
from cutover.stackfile.view import read_view
from cutover.strategy_option import Strategy

_ENVIRONMENT = "python3 -m venv .venv && . .venv/bin/activate && "


def init(
    name: Annotated[str, typer.Argument(help="Name of the new stack, such as prod.")],
    context: typer.Context,
    image: Annotated[
        str | None, typer.Option(help="Image of the first release, with a tag or a digest; none to adopt what runs.")
    ] = None,
    service: Annotated[str, typer.Option(help="Name of the first service.")] = "web",
    namespace: Annotated[str | None, typer.Option(help="Existing namespace; the stack's name unless given.")] = None,
    version: Annotated[str | None, typer.Option(help="Version; the image's tag unless given.")] = None,
    build: Annotated[int, typer.Option(help="Build number.")] = 1,
    port: Annotated[int, typer.Option(help="Port that the container listens on.")] = 8080,
    replicas: Annotated[int, typer.Option(help="Pods that take the traffic.")] = 2,
    readiness: Annotated[str, typer.Option(help="Path that answers 200-399 when a pod may get traffic.")] = "/readyz",
    strategy: Strategy = BLUE_GREEN,
    project: Annotated[str | None, typer.Option(help="Name of a new project; its folder's unless given.")] = None,
    cwd: Cwd = Path(),
) -> None:
    """Write Pulumi.NAME.yaml with every key explained, and say what comes next. Never overwrites.

    Where there is no Pulumi.yaml it starts a project: with the program, its requirements, Roles and pipelines. Without
    an image the file has no service yet, for `cutover adopt` to write one that runs already.

    Example: cutover init qa --image registry.example/shop:1.4.0 --service storefront --namespace shop-qa
    """
    if image is None:
        _refuse_words_of_a_release(context)
    answers = Answers(
        name=name,
        namespace=namespace or name,
        service=service,
        strategy=strategy,
        version=version or (image and _tag(image)),
        build=build,
        image=image,
        port=port,
        replicas=replicas,
        readiness=readiness,
    )
    folder = _existing(cwd, project)
    sys.stdout.write(_start(cwd.absolute(), answers, project) if folder is None else _add(folder, answers, project))


def _existing(cwd: Path, project: str | None) -> Path | None:
    """The project that the command is in; None where one is to be started, by its name even below another."""
    try:
        found = find_project(cwd)
    except UsageError:
        return None
    return found if project is None or found == cwd.absolute() else None


def _add(folder: Path, answers: Answers, project: str | None) -> str:
    """A further stack of a project. Returns what to say."""
    from cutover.doctor.program import find_python

    if project is not None:
        raise UsageError(f"{folder} is a project already; --project names a new one", "leave it out")
    path = config_folder(folder) / f"Pulumi.{answers.name}.yaml"
    _refuse_odd_name(answers.name, path)
    checkout = (folder / SCHEMA).is_file()
    text = render(_schema(folder), answers, checkout=checkout)
    if path.exists():
        raise UsageError(f"{path.name} is there already; nothing was written", "choose another name")
    python, _ = find_python(folder)
    write_all(path.parent, {path.name: text}, lambda: _check(path, answers, python))
    return _next_steps([path.name], answers, path_in(folder, RBAC))


def _start(folder: Path, answers: Answers, project: str | None) -> str:
    """A project from nothing, in a folder that has none of its files. Returns what to say."""
    from cutover.project.files import DEPLOYER, Brought, checked_name, files_of
    from cutover.project.requirements import requirements

    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", "make it, or name another: --cwd FOLDER")
    path = folder / f"Pulumi.{answers.name}.yaml"
    _refuse_odd_name(answers.name, path)
    named = checked_name(folder.resolve().name if project is None else project)
    # The driver's own, not what a repository around the folder calls the same.
    brought = Brought(*(shipped(OWN, name).read_text() for name in (RBAC, RBAC_PLAN, PIPELINES)))
    packages = requirements(OWN, OWN / LOCK)
    files = files_of(named, answers, brought, packages)
    files[path.name] = render(_schema(OWN), answers, checkout=False)
    write_all(folder, files, lambda: _check(path, answers, Path(sys.executable), beside=HOME))
    made, install = (folder / ".venv").exists(), f"pip install {packages.words}"
    first = () if made and packages.installed else (install if made else f"{_ENVIRONMENT}{install}",)
    return _next_steps(list(files), answers, DEPLOYER, first)


def _refuse_odd_name(name: str, path: Path) -> None:
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name in ("yaml", "yml"):
        raise UsageError(f"{name!r} is no name of a stack", "letters, digits, dashes, dots and underscores only")
    if path.with_suffix(".yml").exists():
        raise UsageError(
            f"{path.with_suffix('.yml').name} is there already; nothing was written", "choose another name"
        )


def _refuse_words_of_a_release(context: typer.Context) -> None:
    words = ("version", "build", "port", "replicas", "readiness")
    sources = {word: context.get_parameter_source(word) for word in words}
    given = [f"--{word}" for word, source in sources.items() if source and source.name == "COMMANDLINE"]
    if given:
        verb = "describes" if len(given) == 1 else "describe"
        raise UsageError(
            f"{', '.join(given)} {verb} a first release, and there is no --image",
            "give --image IMAGE; or leave them out, and `cutover adopt` reads them from what runs",
        )


def _tag(image: str) -> str:
    """The image's tag, as the version."""
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    if not tag:
        raise UsageError(f"--image {image}: no tag to take the version from", "give --version, such as --version 1.4.0")
    return tag


def _schema(project: Path) -> dict[str, object]:
    import json

    found: dict[str, object] = json.loads(shipped(project, SCHEMA).read_text())
    return found


def _check(path: Path, answers: Answers, python: Path | None, beside: Path | None = None) -> None:
    """Raises UsageError with all that the program would say of the new file; it has a service only with an image."""
    from cutover.doctor.program import check_config

    if answers.image is None:
        return
    found = check_config(python, read_view(path), beside)
    if found.good is False:
        raise UsageError(f"that makes no valid configuration; nothing was written:\n{found.said}")


def _next_steps(written: list[str], answers: Answers, rbac: str, first: tuple[str, ...] = ()) -> str:
    stack = f"--stack {answers.name}"
    adopted = answers.image is None
    kind = f" --strategy {answers.strategy}" if answers.strategy != BLUE_GREEN else ""
    lines = (
        *first,
        f"pulumi stack init {answers.name}",
        *(() if adopted else (f"kubectl create namespace {answers.namespace}",)),
        f"kubectl apply -n {answers.namespace} -f {rbac}",
        *((f"cutover adopt {answers.service}{kind} {stack}",) if adopted else ()),
        f"cutover doctor {stack}",
        f"cutover up {stack}",
    )
    return f"wrote {', '.join(written)}\nnext:\n" + "".join(f"  {line}\n" for line in lines)
