"""The program: its Python, its packages, and whether it takes the stack's configuration."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from contract.strategies import BLUE_GREEN
from cutover.doctor.findings import Finding, bad, good, skipped
from cutover.errors import UsageError
from cutover.shipped import DISTRIBUTION
from cutover.stackfile.find import own_name, project_file, project_name
from cutover.stackfile.view import StackView, load_file

LIMIT_SECONDS = 60
COMMAND_VARIABLE = "PULUMI_PYTHON_CMD"  # the engine's own
_PACKAGES = (DISTRIBUTION, "pulumi", "pulumi-kubernetes", "pydantic", "httpx2")  # what the program imports
_VERSIONS = """
import importlib.metadata, json, sys
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
print(json.dumps({name: version(name) for name in sys.argv[1:]}))
"""
# The program's components are its own folder, as in the checkout of this project, or the package that it installed.
_FIND = """
import importlib, json, sys
def find(name):
    for place in ("components", "pulumi_cutover.components"):
        try:
            return importlib.import_module(f"{place}.{name}")
        except ModuleNotFoundError as error:
            why = error
            if not f"{place}.{name}.".startswith(f"{error.name}."):
                break
    print(json.dumps({"loader": str(why)}))
    sys.exit()
"""
# The driver imports nothing of the program: the program's own loader is asked, in a process of its own and through the
# SDK's own Config. It names every problem at once, the cross-field ones too, which a JSON Schema cannot know.
_CONFIG = f"""{_FIND}
import pulumi, pulumi.runtime
errors, load = find("rules.errors"), find("stack.load")
given = json.load(sys.stdin)
pulumi.runtime.set_all_config(given["config"], given["secret"])
try:
    load.load_settings(pulumi.Config("cutover"))
except errors.ConfigError as error:
    print(json.dumps({{"problems": str(error)}}))
else:
    print(json.dumps({{}}))
"""
# One function of the program, in a process of the program's own: module, name, and its arguments as JSON on stdin.
_CALL = f"""{_FIND}
function = getattr(find(sys.argv[1]), sys.argv[2])
print(json.dumps(function(**json.load(sys.stdin))))
"""


def find_python(project: Path) -> tuple[Path | None, list[Finding]]:
    """The interpreter that the CLI runs the program with: that of the virtual environment in Pulumi.yaml, else the one
    on the PATH.
    """
    name = "python"
    runtime = project_file(project).get("runtime")
    options = runtime.get("options") or {} if isinstance(runtime, dict) else {}
    folder, uv = options.get("virtualenv"), options.get("toolchain") == "uv"
    if options.get("toolchain") == "poetry":
        return None, [skipped(name, "Poetry knows which environment the program runs in; `pulumi preview` checks it")]
    if folder is None and not uv:
        given = os.environ.get(COMMAND_VARIABLE)
        found = shutil.which(given) if given else shutil.which("python3") or shutil.which("python")
        if found is None:
            fix = f"install Python, or name one by {COMMAND_VARIABLE}=/path/to/python"
            return None, [bad(name, f"there is no `{given or 'python3'}` on the PATH", fix)]
        python = Path(found)
    else:
        folder = folder or ".venv"
        python = project / folder / "bin" / "python"
    if not python.exists():
        fix = "uv sync" if uv else f"python3 -m venv {folder} && {folder}/bin/pip install {_wanted(project)}"
        return None, [bad(name, f"Pulumi.yaml names the virtual environment {folder!r}, which is not there", fix)]
    said = _ask(python, project, "import sys; print('\"' + sys.version.split()[0] + '\"')")
    if not isinstance(said, str):
        return None, [bad(name, f"{python} does not run", "make the virtual environment anew")]
    if tuple(int(part) for part in said.split(".")[:2]) < (3, 11):
        return None, [bad(name, f"{said} at {python}, wanted 3.11 or later", "make the virtual environment anew")]
    return python, [good(name, f"{said} at {python}")]


def needed_python(project: Path) -> Path:
    """The interpreter that runs the program. Raises UsageError where there is none."""
    python, findings = find_python(project)
    if python is None:
        raise UsageError(findings[0].said, "`cutover doctor` tells what is missing")
    return python


def check_packages(python: Path | None, project: Path) -> Finding:
    """Whether the program's packages are installed, in the versions of requirements.txt where there is one."""
    name = "packages"
    if python is None:
        return skipped(name, "needs the program's Python")
    installed = _ask(python, project, _VERSIONS, *_PACKAGES)
    if not isinstance(installed, dict):
        return bad(name, f"{python} cannot tell its packages", "make the virtual environment anew")
    pins = _pins(project / "requirements.txt")
    if not installed[DISTRIBUTION] and DISTRIBUTION not in pins:
        del installed[DISTRIBUTION]  # a checkout, whose components are its own folder
    wrong = [
        f"{package} {version or 'is not installed'}" + (f", pinned {pin}" if pin else "")
        for package, version in installed.items()
        if (pin := pins.get(package)) != version and (pin or not version)
    ]
    if wrong:
        return bad(name, "; ".join(wrong), f"{python} -m pip install {_wanted(project)}")
    return good(name, ", ".join(f"{package} {version}" for package, version in installed.items()))


def _wanted(project: Path) -> str:
    """What pip has to be told to install for the program of the project."""
    try:
        hashes = "--hash=" in (project / "requirements.txt").read_text()
    except OSError:
        return DISTRIBUTION
    return "--require-hashes -r requirements.txt" if hashes else "-r requirements.txt"


def check_config(python: Path | None, view: StackView, beside: Path | None = None) -> Finding:
    """Whether the program takes the stack's configuration; every problem at once. `beside` is where its packages are
    where that Python does not know them.
    """
    name = "config"
    if python is None:
        return skipped(name, "needs the program's Python")
    given = _given(view)
    if not any(key.startswith("cutover:") for key in given["config"]) and not (view.project / "components").is_dir():
        return skipped(name, "names no services: they are the program's own, and `pulumi preview` checks them")
    said = _ask(python, view.project, _CONFIG, stdin=json.dumps(given), beside=beside)
    if not isinstance(said, dict):
        return bad(name, "the program's loader does not run", f"`pulumi preview --stack {view.name}` shows why")
    if "loader" in said:
        return skipped(name, f"the project has no loader of its own ({said['loader']}); `pulumi preview` checks it")
    if "problems" in said:
        return bad(name, str(said["problems"]), f"mend {view.path.name}; docs/config.md has every key")
    blind = sorted(one.name for one in view.services.values() if one.settings.get("readiness") == "none")
    cost = f"; without a readiness probe, so pods get traffic as soon as they run: {', '.join(blind)}" if blind else ""
    return good(name, f"{view.path.name} is valid, services: {len(view.services)}{cost}")


def registered(python: Path, view: StackView) -> list[Any]:
    """The objects that the program would apply for the stack. Raises UsageError where it cannot tell, or refuses."""
    given = {"project": project_name(view.project), "stack": own_name(view.name), **_given(view)}
    said = _ask(python, view.project, _CALL, "offline", "manifests_of", stdin=json.dumps(given))
    if not isinstance(said, dict) or "loader" in said:
        why = f" ({said['loader']})" if isinstance(said, dict) else ""
        raise UsageError(
            f"the program of {view.path.name} cannot tell what it applies{why}", "`pulumi preview` shows it"
        )
    if "problems" in said:
        raise UsageError(str(said["problems"]), f"mend {view.path.name}; docs/config.md has every key")
    found: list[Any] = said["objects"]
    return found


def entries_of(
    python: Path, project: Path, manifests: list[Any] | str, *, strategy: str, container: str | None = None
) -> dict[str, Any]:
    """The workloads among Kubernetes objects, or in a text of manifests, as services of a stack's file: `services`,
    `lost`, `refused` and others, as the program's own function says them; `unreadable` where the text is none.
    `container` is the name of the one that serves, where no port tells. Raises UsageError where the program has no such
    part.
    """
    given = {"text": manifests} if isinstance(manifests, str) else {"objects": manifests}
    named = {"container": container} if container else {}
    stdin = json.dumps({**given, "blue_green": strategy == BLUE_GREEN, **named}, default=str)
    said = _ask(python, project, _CALL, "takeover.entries", "entries_in" if "text" in given else "entries", stdin=stdin)
    if not isinstance(said, dict) or "loader" in said:
        raise UsageError("the project's program cannot take over manifests", "update its components")
    return said


def _given(view: StackView) -> dict[str, Any]:
    """The stack's config as the engine hands it to a program, and which of its keys hold secrets."""
    config = load_file(view.path).get("config") or {}
    secret = [key for key, value in config.items() if _holds_secret(value)]
    return {"config": {key: _as_text(value) for key, value in config.items()}, "secret": secret}


def _as_text(value: object) -> str:
    """A value as the engine hands it to a program: text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _holds_secret(value: object) -> bool:
    """Whether a value of a stack's file is encrypted, or holds one that is."""
    if isinstance(value, dict):
        return "secure" in value or any(map(_holds_secret, value.values()))
    return isinstance(value, list) and any(map(_holds_secret, value))


def _pins(path: Path) -> dict[str, str]:
    """Package -> version of the lines `name==version`."""
    if not path.is_file():
        return {}
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", path.read_text(), re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in found}


def _ask(python: Path, project: Path, program: str, *words: str, stdin: str = "", beside: Path | None = None) -> Any:
    """What a little program prints, as JSON; None where it fails."""
    paths = [path for path in (os.environ.get("PYTHONPATH"), str(beside or "")) if path]
    try:
        ended = subprocess.run(
            [str(python), "-c", program, *words],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)} if paths else None,
            cwd=project, input=stdin, capture_output=True, text=True, timeout=LIMIT_SECONDS,
        )  # fmt: skip
        return json.loads(ended.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
