"""An S3-compatible object store: versitygw over a folder, built from its Go module."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.golang.module import Module, Program
from sandbox.stores.server import HOST, Store, free_port, listens, serving

MODULE = Module(
    Path(__file__).parent / "go",
    (Program("versitygw", "github.com/versity/versitygw/cmd/versitygw"),),
    "the object store takes a minute on 2 cores",
)
BUCKET, KEY, SECRET = "states", "cutover", "letmein-too"  # of a server on the loopback address that lives for a test


@contextmanager
def object_store(report: Callable[[str], None]) -> Iterator[Store]:
    """An empty bucket. Raises SandboxError where the server cannot be built."""
    MODULE.ensure(report)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="cutover-objects-") as name:
        folder = Path(name)
        objects, attributes = folder / "objects", folder / "attributes"
        (objects / BUCKET).mkdir(parents=True)
        attributes.mkdir()
        command = [str(MODULE.binaries / "versitygw"), "--port", f"{HOST}:{port}", "--access", KEY, "--secret", SECRET]
        command += ["posix", "--sidecar", str(attributes), str(objects)]
        with serving(command, listens(port), folder / "log"):
            options = f"region=us-east-1&endpoint=http://{HOST}:{port}&use_path_style=true"
            environment = {
                "PULUMI_BACKEND_URL": f"s3://{BUCKET}?{options}",
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET,
            }
            yield Store(environment, (SECRET,))
