"""Builds the sandbox's programs from the pinned Go modules of `go/go.mod`, once, into a cache outside the checkout.

The cache is `${XDG_CACHE_HOME:-~/.cache}/cutover/<key>`. The key is a digest of the pins, the flags and the
architecture: a new pin is a new directory, and checkouts share what is equal. A program is there whole or not at all.
"""

import fcntl
import hashlib
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.cluster.errors import SandboxError
from sandbox.cluster.toolchain import find_go

GO_DIRECTORY = Path(__file__).parent / "go"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
REBUILD_WHEN_CHANGED = ("go.mod", "go.sum", "pause/main.go")
PODINFO_VERSIONS = ("6.9.2", "1.0.0", "1.1.0", "1.2.0", "1.3.0", "0.0.0")

SIGN_OF_LIFE_SECONDS = 60.0

Report = Callable[[str], None]


@dataclass(frozen=True)
class Program:
    """One program: its package and the linker's `-X` settings."""

    name: str
    package: str
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def linker_flags(self) -> str:
        """No symbol table, no debug information, and the variables."""
        return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in self.variables)])


def required_version(module: str, go_mod: str) -> str:
    """The version that `go_mod` requires of `module`, for example "v1.36.3"."""
    for line in go_mod.splitlines():
        words = line.split()
        if module in words[:2] and "=>" not in words:
            return words[words.index(module) + 1]
    msg = f"go.mod requires no module {module}"
    raise SandboxError(msg)


KUBERNETES_VERSION = required_version("k8s.io/kubernetes", (GO_DIRECTORY / "go.mod").read_text())


def _programs() -> dict[str, Program]:
    major, minor, _ = KUBERNETES_VERSION.removeprefix("v").split(".", 2)
    base = "k8s.io/component-base/version"
    # Without these the API server says v0.0.0, and clients that look at it refuse to work.
    stamp = ((f"{base}.gitVersion", KUBERNETES_VERSION), (f"{base}.gitMajor", major), (f"{base}.gitMinor", minor))
    kubernetes = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")
    podinfo = "github.com/stefanprodan/podinfo"
    programs = [
        Program("pause", "./pause"),
        Program("etcd", "go.etcd.io/etcd/server/v3"),
        *(Program(name, f"k8s.io/kubernetes/cmd/{name}", stamp) for name in kubernetes),
        Program("kwok", "sigs.k8s.io/kwok/cmd/kwok"),
        *(
            Program(f"podinfo-{one}", f"{podinfo}/cmd/podinfo", ((f"{podinfo}/pkg/version.VERSION", one),))
            for one in PODINFO_VERSIONS
        ),
    ]
    return {program.name: program for program in programs}


PROGRAMS = _programs()
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
NODE_PROGRAMS = {
    "containerd": ("kubelet", "kube-proxy", "pause", *(f"podinfo-{version}" for version in PODINFO_VERSIONS)),
    "kwok": ("kwok",),
}


def architecture() -> str:
    """Go's name of this machine's architecture."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        msg = f"the sandbox is built for {', '.join(ARCHITECTURES)}; this machine is {machine}. Use your own cluster."
        raise SandboxError(msg)
    return ARCHITECTURES[machine]


def key() -> str:
    """Digest of everything that decides what the programs are."""
    digest = hashlib.sha256()
    for name in REBUILD_WHEN_CHANGED:
        digest.update((GO_DIRECTORY / name).read_bytes())
    for program in PROGRAMS.values():
        digest.update(f"{program.name} {program.package} {program.linker_flags}\n".encode())
    digest.update(architecture().encode())
    return digest.hexdigest()[:16]


def cache() -> Path:
    """The directory of this key."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root).absolute() / "cutover" / key()


def binaries() -> Path:
    """Where the programs are."""
    return cache() / "bin"


def ensure(names: Iterable[str], report: Report) -> None:
    """Build what is missing of `names`, in that order; nothing to do is the usual case and takes no time."""
    if not _missing(names):
        return
    with locked(cache() / "lock"):  # two instances may start at once
        missing = _missing(names)
        if not missing:
            return
        started = time.monotonic()
        report(f"building {len(missing)} programs, once: all of them take 6 to 10 minutes on 2 cores ({binaries()})")
        for number, name in enumerate(missing, 1):
            elapsed_seconds = time.monotonic() - started
            report(f"building {name} ({number} of {len(missing)}, {elapsed_seconds:.0f} s so far)")
            _build(PROGRAMS[name], report)
        report(f"built {len(missing)} programs in {time.monotonic() - started:.0f} s")


def _missing(names: Iterable[str]) -> list[str]:
    return [name for name in names if not (binaries() / name).exists()]


def _build(program: Program, report: Report) -> None:
    binaries().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as directory:
        output = Path(directory) / program.name
        flags = ("-trimpath", "-buildvcs=false", "-ldflags", program.linker_flags)
        go("build", *flags, "-o", str(output), program.package, report=report)
        output.rename(binaries() / program.name)


def go(*arguments: str, report: Report) -> str:
    """Run `go` on the pinned modules and return what it prints. The user's own flags are not in the key: unset."""
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "GOOS": "linux"}
    environment["GOARCH"] = architecture()
    command = (str(find_go(report)), *arguments)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=GO_DIRECTORY, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        output, errors = _communicate(process, f"still at `go {arguments[0]} … {arguments[-1]}`", report)
    if process.returncode != 0:
        msg = f"`{' '.join(command)}` failed in {GO_DIRECTORY}:\n{errors.strip()[-4000:]}"
        raise SandboxError(msg)
    return output


def _communicate(process: subprocess.Popen[str], busy: str, report: Report) -> tuple[str, str]:
    """Wait for the process, and say now and then that it is at it: one program takes minutes."""
    started = time.monotonic()
    try:
        while True:
            try:
                return process.communicate(timeout=SIGN_OF_LIFE_SECONDS)
            except subprocess.TimeoutExpired:
                report(f"{busy}, {time.monotonic() - started:.0f} s")
    except BaseException:
        process.kill()
        raise


def module_directory(module: str, report: Report) -> Path:
    """Where Go keeps the source of a pinned module, for the files that it ships beside its code."""
    go("mod", "download", module, report=report)
    return Path(go("list", "-m", "-f", "{{.Dir}}", module, report=report).strip())


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
