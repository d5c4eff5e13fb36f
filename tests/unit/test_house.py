"""The rules of the house that a machine can check: who may import whom, and how long a file may be."""

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from _pytest.assertion.rewrite import AssertionRewritingHook

ROOT = Path(__file__).resolve().parents[2]
LONGEST, LONGEST_TEST = 300, 400  # a table of cases is one test

# The rooms of the driver's operations, from the lowest up: each may import those before it.
LAYERS = (
    "choice.py",
    "command",
    "history",
    "traffic",
    "bake",
    "up",
    "promote",
    "canary",
    "plan",
    "release",
    "rollback",
    "restart",
    "tidy",
    "destroy",
    "adopt",
    "route",
    "dashboard",
)
BELOW = (
    *(
        "adopt",
        "app",
        "doctor",
        "engine",
        "errors",
        "load_options",
        "measure",
        "notify",
        "observe",
        "options",
        "output",
    ),
    *("pages", "registry", "shipped", "stackfile", "strategies"),
)
OPERATIONS = {
    f"cutover/operations/{room}": (
        "contract",
        *(f"cutover.{one}" for one in BELOW),
        *(f"cutover.operations.{one.removesuffix('.py')}" for one in LAYERS[: place + 1]),
        *(("prober",) if room in ("bake", "canary") else ()),
    )
    for place, room in enumerate(LAYERS)
} | {"cutover/operations": ()}

# Each room and what it may import of this project. Nothing imports `tests`.
MAY_IMPORT = {
    "contract": ("contract",),
    "kubeaccess": ("kubeaccess",),
    "components/rules": (
        "contract",
        "components.rules",
    ),
    "components/podspec": ("contract", "components.podspec"),
    "components/settings": ("contract", "components.rules", "components.podspec", "components.settings"),
    "components/stack": (
        "contract",
        "components.rules",
        "components.podspec",
        "components.settings",
        "components.strategies",
        "components.stack",
    ),
    "components/cluster": ("contract", "components.rules", "components.cluster", "kubeaccess"),
    "components/manifests": (
        "contract",
        "components.rules",
        "components.podspec",
        "components.settings",
        "components.manifests",
    ),
    "components/releases": (
        "contract",
        "components.rules",
        "components.settings",
        "components.cluster",
        "components.manifests",
        "components.releases",
    ),
    "components/traffic": (
        "contract",
        "components.rules",
        "components.settings",
        "components.cluster",
        "components.releases",
        "components.traffic",
    ),
    "components/checks": (
        "contract",
        "components.rules",
        "components.settings",
        "components.cluster",
        "components.releases",
        "components.traffic",
        "components.checks",
    ),
    "components/drain": (
        "contract",
        "components.rules",
        "components.settings",
        "components.cluster",
        "components.releases",
        "components.traffic",
        "components.checks",
        "components.drain",
    ),
    "components/hooks": (
        "contract",
        "components.rules",
        "components.podspec",
        "components.settings",
        "components.cluster",
        "components.manifests",
        "components.releases",
        "components.checks",
        "components.hooks",
    ),
    "components/takeover": (
        "contract",
        "components.rules",
        "components.podspec",
        "components.settings",
        "components.strategies",
        "components.stack",
        "components.manifests",
        "components.takeover",
    ),
    "components/plugin": (
        "contract",
        "components.rules",
        "components.settings",
        "components.strategies",
        "components.stack",
        "components.cluster",
        "components.hooks",
        "components.plugin",
        "kubeaccess",
    ),
    "components": ("contract", "components", "kubeaccess"),
    "__main__.py": ("components",),
    "pulumi_cutover": ("components", "cutover.app"),
    "plugin": ("pulumi_cutover.plugin",),
    "hatch_build.py": (),
    "sandbox/cluster": ("sandbox.cluster", "sandbox.golang", "sandbox.errors", "sandbox.paths"),
    "sandbox/gateway": (
        "sandbox.gateway",
        "sandbox.cluster",
        "sandbox.golang",
        "sandbox.wheels",
        "sandbox.errors",
    ),
    "sandbox/golang": ("sandbox.golang", "sandbox.wheels", "sandbox.errors"),
    "sandbox/pulumi": ("sandbox.pulumi", "sandbox.golang", "sandbox.errors", "sandbox.paths"),
    "sandbox/standin": ("sandbox.standin", "sandbox.cluster", "sandbox.golang"),
    "sandbox/stores": ("sandbox.stores", "sandbox.golang", "sandbox.errors"),
    "sandbox": ("sandbox",),
    "cutover/engine": ("contract", "cutover.engine", "cutover.errors"),
    "cutover/stackfile": ("contract", "cutover.stackfile", "cutover.strategies", "cutover.errors"),
    "cutover/observe": (
        "contract",
        "cutover.observe",
        "cutover.stackfile",
        "cutover.strategies",
        "cutover.errors",
        "kubeaccess",
    ),
    "cutover/registry": ("contract", "cutover.registry", "cutover.errors"),
    "cutover/provenance": (
        "contract",
        "cutover.provenance",
        "cutover.observe",
        "cutover.strategies",
        "cutover.registry",
        "cutover.stackfile",
        "cutover.errors",
    ),
    "cutover/measure": ("contract", "cutover.measure", "kubeaccess.errors", "prober"),
    "cutover/doctor": (
        "contract",
        "cutover.doctor",
        "cutover.observe",
        "cutover.stackfile",
        "cutover.strategies",
        "cutover.shipped",
        "cutover.errors",
    ),
    "cutover/adopt": (
        "contract",
        "cutover.adopt",
        "cutover.observe",
        "cutover.strategies",
        "cutover.stackfile",
        "cutover.errors",
    ),
    "cutover/project": ("cutover.project", "cutover.strategies", "cutover.stackfile", "cutover.errors"),
    "cutover/notify": ("contract", "cutover.notify", "cutover.errors"),
    "cutover/pages": (
        "contract",
        "cutover.pages",
        "cutover.observe",
        "cutover.strategies",
        "cutover.output.history",
        "cutover.errors",
    ),
    "cutover/dashboard": (
        "contract",
        "cutover.dashboard",
        "cutover.pages",
        "cutover.observe",
        "cutover.stackfile",
        "cutover.errors",
        "kubeaccess",
    ),
    "cutover/strategies": (
        "contract",
        "cutover.strategies",
        "cutover.errors",
        "cutover.observe.facts",  # for the names of types alone, as of records
        "cutover.observe.records",
    ),
    **OPERATIONS,
    "cutover": (
        "contract",
        "cutover",
    ),
    "prober": ("prober",),
    "demo": ("demo", "prober", "sandbox"),
    "bench": ("bench", "demo", "sandbox"),
    "examples": ("components",),
    "traffic": ("traffic", "demo", "prober", "sandbox"),
    "peers": ("peers", "traffic", "demo", "prober", "sandbox"),
}
OURS = (
    "contract",
    "components",
    "cutover",
    "kubeaccess",
    "pulumi_cutover",
    "sandbox",
    "prober",
    "demo",
    "bench",
    "traffic",
    "peers",
    "examples",
    "tests",
)


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    relative = path.relative_to(ROOT).as_posix()
    return max((room for room in MAY_IMPORT if relative == room or relative.startswith(f"{room}/")), key=len)


def test_imports_go_one_way() -> None:
    wrong = []
    for path in (path for path in tracked("*.py") if "tests" not in path.parts):
        room = room_of(path)
        ours = [name for name in imports(path) if name.partition(".")[0] in OURS]
        bad = [name for name in ours if not any(name == a or name.startswith(f"{a}.") for a in MAY_IMPORT[room])]
        wrong += [f"{path.relative_to(ROOT)}: {name} (may: {', '.join(MAY_IMPORT[room])})" for name in bad]
    assert wrong == []


def test_the_wheel_holds_all_that_it_imports() -> None:
    source = ast.parse((ROOT / "hatch_build.py").read_text())
    told = {ast.unparse(node.targets[0]): node.value for node in source.body if isinstance(node, ast.Assign)}
    held = set(ast.literal_eval(told["PACKAGES"]))
    rooms = {*held, ast.literal_eval(told["ROOF"])}
    ours = {name.partition(".")[0] for room in rooms for path in tracked(f"{room}/*.py") for name in imports(path)}
    assert ours & set(OURS) == held


def test_a_program_needs_no_package_that_the_distribution_does_not_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    declared = {re.split(r"[<>=]", line)[0].lower() for line in asked}
    spelled = {
        "yaml": "pyyaml",
        "google": "protobuf",
        "grpc": "grpcio",
        "pydantic_core": "pydantic",
        "markupsafe": "jinja2",
        "pulumi_kubernetes": "pulumi-kubernetes",
    }
    optional = {"socksio"}  # asked for by name where a kubeconfig names a SOCKS proxy
    rooms = ("pulumi_cutover", "components", "contract", "cutover", "kubeaccess", "prober")
    used = {name.partition(".")[0] for room in rooms for path in tracked(f"{room}/*.py") for name in imports(path)}
    foreign = used - set(OURS) - sys.stdlib_module_names - optional
    assert {spelled.get(name, name) for name in foreign} == declared


def test_only_the_dashboard_needs_what_its_extra_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = {re.split(r"[<>=]", line)[0] for line in project["optional-dependencies"]["dashboard"]}
    users = {
        str(path.relative_to(ROOT).parent)
        for path in tracked("cutover/*.py")
        if extra & {name.partition(".")[0] for name in imports(path)}
    }
    assert users <= {"cutover/dashboard"}


def test_only_one_room_drives_the_engine() -> None:
    users = {
        str(path.relative_to(ROOT).parent)
        for path in tracked("cutover/*.py")
        if any(name.partition(".")[0] == "pulumi" for name in imports(path))
    }
    assert users <= {"cutover/engine"}


def test_no_file_is_too_long() -> None:
    sizes = {p.relative_to(ROOT): len(p.read_text().splitlines()) for p in tracked("*.py")}
    long = {str(p): n for p, n in sizes.items() if n > (LONGEST_TEST if p.parts[0] == "tests" else LONGEST)}
    assert long == {}


def test_pytest_rewrites_no_code_but_the_tests() -> None:
    """It would in whatever thread imports a part of it first, and Python 3.11's parser is for one thread at a time."""
    for name in ("anyio", "anyio.to_process", "hypothesis"):
        found = importlib.util.find_spec(name)
        assert found is not None
        assert not isinstance(found.loader, AssertionRewritingHook), name
