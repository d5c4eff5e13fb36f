"""The images of the clerk: the Python that runs this, with no more of it than the server imports, and the server.

There is no registry and nothing to download: interpreter, modules and the C libraries that they need come from this
machine, each at the path where it is here.
"""

import importlib.util
import json
import marshal
import subprocess
import sys
from pathlib import Path
from types import CodeType

from sandbox import golang
from sandbox.cluster import images
from sandbox.cluster.images import File, Image
from traffic.errors import TrafficError

REPOSITORY = "cutover.local/clerk"
SERVER = Path(__file__).with_name("server.py")
_PROGRAM = "/clerk/server.py"
_LOADED = (
    "import json, runpy, sys; runpy.run_path(sys.argv[1], run_name='loaded');"
    "import concurrent.futures.thread, encodings.idna, encodings.latin_1;"  # what is loaded only when it is needed
    "print(json.dumps([m.__file__ for m in list(sys.modules.values()) if getattr(m, '__file__', None)]))"
)


def archive(versions: tuple[str, ...], path: Path) -> Path:
    """Write one archive with an image per version; the same bytes from the same Python."""
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    modules = _modules(python)
    binaries = [str(python), *(module for module in modules if module.endswith(".so"))]
    paths = sorted({*modules, *images.shared_libraries(binaries)})
    runtime = tuple(File(one.lstrip("/"), Path(one).read_bytes(), 0o755) for one in [str(python), *paths])
    runtime += tuple(_compiled(Path(one)) for one in modules if one.endswith(".py"))
    program = (File(_PROGRAM.lstrip("/"), SERVER.read_bytes()),)
    base = (File("home", None, 0o755), File("home/app", None, 0o755))
    start = (str(python), "-I", "-S", _PROGRAM)
    made = [
        Image(
            f"{REPOSITORY}:{version}",
            (base, runtime, program),
            (*start, version),
            images.PORT,
        )
        for version in versions
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    golang.write_atomically(path, images.layout(made, golang.architecture()))
    return path


def _modules(python: Path) -> list[str]:
    """The files of all modules that the server loads; not their compiled forms."""
    run = subprocess.run([python, "-I", "-S", "-c", _LOADED, SERVER], capture_output=True, text=True, check=False)
    if run.returncode:
        raise TrafficError(f"{python} does not run the clerk, so there is nothing to release:\n{run.stderr[-500:]}")
    found: list[str] = json.loads(run.stdout)
    return [one for one in found if one != str(SERVER)]


def _compiled(module: Path) -> File:
    """The compiled form, to be taken without a look at the source's date: pods would compile at each start."""
    place = Path(importlib.util.cache_from_source(str(module)))
    code = compile(module.read_bytes(), str(module), "exec", dont_inherit=True)
    return File(str(place).lstrip("/"), _code_to_hash_pyc(code))


def _code_to_hash_pyc(code: CodeType) -> bytes:
    """The layout of PEP 552 with flag 1: by hash, unchecked."""
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)
