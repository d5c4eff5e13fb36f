"""The cgroup that holds the pods: one directory per controller (v1, also beside a bare v2 tree) or one for all (v2)."""

import time
from pathlib import Path

from sandbox.errors import SandboxError

ROOT = Path("/sys/fs/cgroup")
NEEDED = ("cpu", "memory", "pids")  # the kubelet refuses to start without them
REMOVE_TIMEOUT_SECONDS = 10


def problem(root: Path = ROOT) -> str | None:
    """Why pods cannot have cgroups here, or None."""
    if _unified(root):
        lacking = [name for name in NEEDED if name not in (root / "cgroup.controllers").read_text().split()]
    else:
        lacking = [name for name in NEEDED if not (root / name).is_dir()]
    if lacking:
        return f"the cgroup controllers {', '.join(lacking)} are not there ({root})"
    probe = root / ("" if _unified(root) else NEEDED[0]) / "cutover-probe"
    try:
        probe.mkdir(exist_ok=True)
        probe.rmdir()
    except OSError as error:
        return f"cgroups cannot be made: {error}"
    return None


def create(name: str, root: Path = ROOT) -> None:
    """Make the pods' root cgroup in every hierarchy."""
    if _unified(root):
        _delegate(root)
        (root / name).mkdir(exist_ok=True)
        _delegate(root / name)
        return
    for hierarchy in sorted(root.iterdir()):
        (hierarchy / name).mkdir(exist_ok=True)
    cpuset = root / "cpuset"
    if cpuset.is_dir():  # it holds no task before it has processors and memory
        for setting in ("cpuset.cpus", "cpuset.mems"):
            (cpuset / name / setting).write_text((cpuset / setting).read_text())


def _delegate(directory: Path) -> None:
    """Let the children of this v2 cgroup use every controller that it has itself."""
    enabled = (directory / "cgroup.subtree_control").read_text().split()
    for controller in (directory / "cgroup.controllers").read_text().split():
        if controller in enabled:
            continue
        try:
            (directory / "cgroup.subtree_control").write_text(f"+{controller}")
        except OSError as error:
            if controller in NEEDED:
                msg = (
                    f"the cgroup controller {controller} cannot be enabled in {directory}: {error}. Processes "
                    "directly in that cgroup prevent it (usual in a container): move them to a child of it, or set "
                    "CUTOVER_SANDBOX_NODE=kwok."
                )
                raise SandboxError(msg) from error


def remove(name: str, root: Path = ROOT) -> None:
    """Remove the pods' cgroups everywhere. Their processes have ended; the kernel may take a moment to notice."""
    deadline = time.monotonic() + REMOVE_TIMEOUT_SECONDS
    for top in leftovers(name, root):
        while top.exists():
            busy = [error for one in [*_deepest_first(top), top] if (error := _rmdir(one))]
            if busy and time.monotonic() > deadline:
                msg = f"the cgroup {top} is in use {REMOVE_TIMEOUT_SECONDS} s after its processes ended: {busy[0]}"
                raise SandboxError(msg)
            if busy:
                time.sleep(0.05)


def leftovers(name: str, root: Path = ROOT) -> list[Path]:
    """The cgroups of this name that exist."""
    candidates = [root / name] if _unified(root) else [hierarchy / name for hierarchy in root.iterdir()]
    return [path for path in candidates if path.is_dir()]


def _deepest_first(top: Path) -> list[Path]:
    return sorted((path for path in top.rglob("*") if path.is_dir()), key=lambda path: -len(path.parts))


def _rmdir(path: Path) -> OSError | None:
    try:
        path.rmdir()
    except FileNotFoundError:
        return None
    except OSError as error:
        return error
    return None


def _unified(root: Path) -> bool:
    return (root / "cgroup.controllers").exists()
