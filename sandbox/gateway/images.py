"""The gateway's two images, as one OCI layout tarball beside the programs that they are made of.

Envoy is linked against glibc, so its image has this machine's loader and libraries, each at the path where it is here.
"""

from pathlib import Path

from sandbox.cluster.images import File, Image, archive, shared_libraries
from sandbox.errors import SandboxError
from sandbox.gateway import build
from sandbox.golang import Report

ENVOY_IMAGE = f"cutover.local/envoy:{build.envoy_version()}"
ISTIOD_IMAGE = f"cutover.local/{build.ISTIOD}:{build.ISTIO_VERSION}-{build.ISTIO_COMMIT}"


def _catalog() -> list[Image]:
    libraries = sorted(shared_libraries([str(build.envoy())]))
    if not libraries:
        msg = f"the libraries that {build.envoy()} needs are not told by `ldd`: the gateway needs a machine with glibc."
        raise SandboxError(msg)
    base = tuple(File(one.lstrip("/"), Path(one).read_bytes(), 0o755) for one in libraries)
    scratch = (File("tmp", None, 0o1777),)
    envoy = (File("envoy", build.envoy().read_bytes(), 0o755),)
    istiod = (File(build.ISTIOD, (build.MODULE.binaries / build.ISTIOD).read_bytes(), 0o755),)
    return [
        Image(ENVOY_IMAGE, (scratch, base, envoy), ("/envoy",)),
        Image(ISTIOD_IMAGE, (scratch, istiod), (f"/{build.ISTIOD}",)),
    ]


def ensure(report: Report) -> Path:
    """The tarball, made where it is not in the cache. Raises SandboxError."""

    def make() -> list[Image]:
        report("making the gateway's images")
        return _catalog()

    recipe = Path(__file__).read_bytes() + build.REQUIREMENTS.read_bytes()
    return archive(build.MODULE.cache, recipe, make)
