"""The images of the responder: the Python that runs this, with no more of it than the server imports, and the server.

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

REPOSITORY = "cutover.local/responder"
SERVER = Path(__file__).with_name("server.py")
_ROOT = SERVER.parents[2]
_HOME = Path("/responder")  # of what is ours, each file below it as it is below the checkout
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
    own = {str(one) for one in _own(modules)}
    runtime = tuple(
        File(one.lstrip("/"), Path(one).read_bytes(), 0o755) for one in [str(python), *paths] if one not in own
    )
    runtime += tuple(_compiled(Path(one)) for one in modules if one.endswith(".py") and one not in own)
    program = tuple(File(str(_there(one)).lstrip("/"), one.read_bytes()) for one in _own(modules))
    base = (File("home", None, 0o755), File("home/app", None, 0o755))
    start = (str(python), "-I", "-S", str(_there(SERVER)))
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
        raise TrafficError(f"{python} does not run the responder, so there is nothing to release:\n{run.stderr[-500:]}")
    found: list[str] = json.loads(run.stdout)
    return [one for one in found if one != str(SERVER)]


def _own(modules: list[str]) -> list[Path]:
    """The files of the responder: the server, and what it imports of this checkout."""
    return [SERVER, *(Path(one) for one in modules if Path(one).is_relative_to(_ROOT / "traffic"))]


def _there(file: Path) -> Path:
    """Where a file of the checkout is in the image."""
    return _HOME / file.relative_to(_ROOT)


def _compiled(module: Path) -> File:
    """The compiled form, to be taken without a look at the source's date: pods would compile at each start."""
    place = Path(importlib.util.cache_from_source(str(module)))
    code = compile(module.read_bytes(), str(module), "exec", dont_inherit=True)
    return File(str(place).lstrip("/"), _code_to_hash_pyc(code))


def _code_to_hash_pyc(code: CodeType) -> bytes:
    """The layout of PEP 552 with flag 1: by hash, unchecked."""
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)
