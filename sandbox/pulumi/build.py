"""The Pulumi CLI, its Kubernetes provider and its Python language host, pinned in `go/go.mod` and `provider/go.mod`.

The CLI and the host lie side by side, where the CLI looks for a host first. The provider lies in a plugin folder, which
a `PULUMI_HOME` links to: found on the PATH it would be warned of at every run.
"""

from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from sandbox.golang import Module, Program, Report, copy_atomically, locked, required_version

FOLDER = Path(__file__).parent
CLI_MODULE = "github.com/pulumi/pulumi/pkg/v3"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
YAML_MODULE = "github.com/pulumi/pulumi-yaml"
PROVIDER_MODULE = "github.com/pulumi/pulumi-kubernetes/provider/v4"
CLI_VERSION = required_version(FOLDER / "go", CLI_MODULE)
PROVIDER_REVISION = required_version(FOLDER / "provider", PROVIDER_MODULE)
PROVIDER = "pulumi-resource-kubernetes"
HOST = "pulumi-language-python"
RUNNER = "pulumi-language-python-exec"  # the SDK's script that runs a program


def _cli(version: str) -> Program:
    return Program("pulumi", f"{CLI_MODULE}/cmd/pulumi", ((f"{SDK_MODULE}/go/common/version.Version", version),))


CLI = Module(
    FOLDER / "go",
    (_cli(CLI_VERSION), Program(HOST, "./host", (("main.version", CLI_VERSION.removeprefix("v")),))),
    "the CLI takes 4 minutes on 2 cores",
)
# The lowest version that the module registry has of those that this project runs on; `make test-oldest`.
OLDEST = Module(
    FOLDER / "oldest", (_cli(required_version(FOLDER / "oldest", CLI_MODULE)),), "the CLI takes 4 minutes on 2 cores"
)
# For programs in other languages (docs/languages.md): the host of those in YAML, and the generators of SDKs. Only tests
# build them.
YAML_HOST = "pulumi-language-yaml"
GEN_SDK = "gen-sdk"
LANGUAGES = Module(
    FOLDER / "languages",
    (Program(YAML_HOST, f"{YAML_MODULE}/cmd/{YAML_HOST}"), Program(GEN_SDK, "./gensdk")),
    "a minute on 2 cores",
)


def provider_version() -> str:
    """The provider version that the installed Python SDK asks the engine for.

    The engine takes no other. The code that answers is older: `PROVIDER_REVISION`, the newest that a module proxy has.
    """
    return version("pulumi-kubernetes")


def provider() -> Module:
    """The provider's module; a new SDK is a new build, since the version is stamped in."""
    stamp = (("main.version", provider_version()),)
    return Module(FOLDER / "provider", (Program(PROVIDER, ".", stamp),), "the provider takes 8 minutes on 2 cores")


def plugins() -> Path:
    """The folder that a PULUMI_HOME has to hold, or to link to, as `plugins`."""
    return provider().cache / "plugins"


def _plugin() -> Path:
    return plugins() / f"resource-kubernetes-v{provider_version()}" / PROVIDER


def is_built() -> bool:
    """Whether nothing is left to build."""
    return not CLI.missing() and (CLI.binaries / RUNNER).exists() and _plugin().exists()


def ensure(report: Report) -> Path:
    """Build what is missing, the CLI and the provider at the same time; the path of the CLI. Raises SandboxError."""
    if not is_built():
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(_ensure_provider, report)
            _ensure_cli(report)
            beside.result()
    return CLI.binaries / "pulumi"


def ensure_oldest(report: Report) -> Path:
    """The same with the oldest CLI; language host and provider are the newest's."""
    ensure(report)
    OLDEST.ensure(report)
    for name in (HOST, RUNNER):
        copy_atomically(CLI.binaries / name, OLDEST.binaries / name, mode=0o755)
    return OLDEST.binaries / "pulumi"


def _ensure_cli(report: Report) -> None:
    CLI.ensure(report)
    source = CLI.source(SDK_MODULE, report) / "python" / "cmd" / RUNNER
    copy_atomically(source, CLI.binaries / RUNNER, mode=0o755)


def _ensure_provider(report: Report) -> None:
    module = provider()
    module.ensure(report)
    schema = module.source(PROVIDER_MODULE, report) / "cmd" / PROVIDER / "schema.json"
    copy_atomically(schema, module.binaries / "schema.json", mode=0o644)
    with locked(module.cache / "lock"):
        _plugin().parent.mkdir(parents=True, exist_ok=True)
        if not _plugin().is_symlink():
            _plugin().symlink_to(module.binaries / PROVIDER)
