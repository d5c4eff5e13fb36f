"""The images of the stand-in, one program per version, built once; `go/main.go` says what it does.

Tags of `cutover.local/standin` are its versions. The environment variable STANDIN lists the ports that a container
serves, `standin exit` ends at once and `standin sleep SECONDS` later. It runs as any user, writes nothing, and stops
within a second of SIGTERM.
"""

from pathlib import Path

from sandbox import golang
from sandbox.cluster import images
from sandbox.cluster.images import File, Image
from sandbox.golang import Module, Program

REPOSITORY = "cutover.local/standin"
VERSIONS = ("1.0.0", "1.1.0")
PROGRAM = "standin"
MODULE = Module(
    Path(__file__).parent / "go",
    tuple(Program(f"{PROGRAM}-{one}", ".", (("main.version", one),)) for one in VERSIONS),
    "the stand-in takes 20 seconds on 2 cores",
)


def archive(report: golang.Report) -> Path:
    """An OCI archive with the image of each version. Raises SandboxError where it cannot be built."""
    MODULE.ensure(report)

    def make() -> list[Image]:
        return [
            Image(
                f"{REPOSITORY}:{version}",
                ((File(PROGRAM, (MODULE.binaries / f"{PROGRAM}-{version}").read_bytes(), 0o755),),),
                (f"/{PROGRAM}",),
            )
            for version in VERSIONS
        ]

    return images.archive(MODULE.cache, Path(__file__).read_bytes(), make)
