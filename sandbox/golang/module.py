"""A folder with a pinned `go.mod`, and the programs that are built from it, once, into a cache outside the checkout.

The cache is `${XDG_CACHE_HOME:-~/.cache}/cutover/<key>`. The key is a digest of the pins, the flags, our own sources
and the architecture: a new pin is a new directory, and checkouts share what is equal. A program is there whole or not
at all.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.golang import process
from sandbox.golang.toolchain import find_go

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# The linker drops debug information: not to make it saves a tenth of a build.
FLAGS = "-mod=readonly -trimpath -gcflags=all=-dwarf=false"

Report = Callable[[str], None]


@dataclass(frozen=True)
class Program:
    """One program: its name, its package, the linker's `-X` settings, and the build tags."""

    name: str
    package: str
    variables: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def linker_flags(self) -> str:
        """No symbol table, no debug information, and the variables."""
        return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in self.variables)])


@dataclass(frozen=True)
class Module:
    """A Go module of ours: `directory` holds go.mod, go.sum and our sources; `cost` says what a first build takes.

    `toolchain` names a Go that the module needs and that `go` fetches as a module itself; where None, the present one.
    """

    directory: Path
    programs: tuple[Program, ...]
    cost: str
    toolchain: str | None = None

    @property
    def key(self) -> str:
        """Digest of everything that decides what the programs are."""
        digest = hashlib.sha256()
        for path in sorted(self.directory.rglob("*")):
            if path.name in ("go.mod", "go.sum") or (path.suffix == ".go" and not path.stem.endswith("_test")):
                digest.update(path.read_bytes())
        for program in self.programs:
            words = (program.name, program.package, program.linker_flags, *program.tags)
            digest.update(f"{' '.join(words)}\n".encode())
        digest.update(architecture().encode())
        return digest.hexdigest()[:16]

    @property
    def cache(self) -> Path:
        """The directory of this key."""
        root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(root).absolute() / "cutover" / self.key

    @property
    def binaries(self) -> Path:
        """The folder of the built programs."""
        return self.cache / "bin"

    def missing(self, names: Iterable[str] | None = None) -> list[Program]:
        """The programs that are not built yet, in the order of `names` (all where None)."""
        by_name = {program.name: program for program in self.programs}
        wanted = by_name.values() if names is None else [by_name[name] for name in names]
        binaries = self.binaries
        return [program for program in wanted if not (binaries / program.name).exists()]

    def ensure(self, report: Report, names: Iterable[str] | None = None) -> None:
        """Build the missing programs. Usually none is missing, and the call takes no time. Raises SandboxError."""
        names = None if names is None else tuple(names)
        if not self.missing(names):
            return
        with locked(self.cache / "lock"):  # two processes may start at once
            missing = self.missing(names)
            started = time.monotonic()
            for number, program in enumerate(missing, 1):
                so_far = f"{number} of {len(missing)}, {time.monotonic() - started:.0f} s so far"
                report(f"building {program.name}, once, into {self.binaries} ({so_far}; {self.cost})")
                self._build(program, report)
            if missing:
                report(f"built {', '.join(one.name for one in missing)} in {time.monotonic() - started:.0f} s")

    def source(self, module: str, report: Report) -> Path:
        """The folder in which Go keeps the source of a pinned module, for the files that it ships beside its code."""
        self.go("mod", "download", module, report=report)
        return Path(self.go("list", "-m", "-f", "{{.Dir}}", module, report=report).strip())

    def go(self, *arguments: str, report: Report) -> str:
        """Run `go` in the folder; its output. The user's own flags are not in the key and are unset."""
        environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": FLAGS, "GOWORK": "off", "GOOS": "linux"}
        environment |= {"GOARCH": architecture(), "GOGC": "400"}  # compilers that live for seconds need not tidy up
        environment |= {"GOTOOLCHAIN": self.toolchain} if self.toolchain else {}
        return process.run((str(find_go(report)), *arguments), self.directory, environment, report)

    def _build(self, program: Program, report: Report) -> None:
        self.binaries.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.cache) as directory:
            output = Path(directory) / program.name
            tags = (f"-tags={','.join(program.tags)}",) if program.tags else ()
            flags = ("-buildvcs=false", *tags, "-ldflags", program.linker_flags)
            self.go("build", *flags, "-o", str(output), program.package, report=report)
            output.rename(self.binaries / program.name)


def architecture() -> str:
    """Go's name of this machine's architecture."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        msg = f"the sandbox is built for {', '.join(ARCHITECTURES)}; this machine is {machine}. Use your own cluster."
        raise SandboxError(msg)
    return ARCHITECTURES[machine]


def required_version(directory: Path, module: str) -> str:
    """The version that the folder's go.mod requires of a module, for example "v1.36.3". Raises SandboxError if none."""
    for line in (directory / "go.mod").read_text().splitlines():
        words = line.split()
        if module in words[:2] and "=>" not in words:
            return words[words.index(module) + 1]
    msg = f"{directory / 'go.mod'} requires no module {module}"
    raise SandboxError(msg)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path` until the block ends; the kernel frees it when the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside `path`, then put it in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.rename(path)


def copy_atomically(source: Path, path: Path, *, mode: int) -> None:
    """Copy a file beside `path` with the permissions `mode`, then put it in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    shutil.copyfile(source, partial)
    partial.chmod(mode)
    partial.rename(path)
