"""The Debian packages of the containerd node: found by their programs, installed with apt-get where possible."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import SandboxError

CNI_DIRECTORIES = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
PROGRAMS = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "conntrack": "conntrack",
    "iptables": "iptables",
    "nft": "nftables",
    "ip": "iproute2",
    "mount": "mount",
    "hostname": "hostname",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "setsid": "util-linux",
}
SYSTEM_DIRECTORIES = ("/usr/local/sbin", "/usr/sbin", "/sbin")
START_POLICY = Path("/usr/sbin/policy-rc.d")


def search_system_directories() -> None:
    """Add to this process's PATH where Debian keeps `ip`, `runc` and `nft`: `su` and cron give root a PATH without."""
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join([*path, *(one for one in SYSTEM_DIRECTORIES if one not in path)])


def cni_directory() -> Path | None:
    """Where the CNI plugins are."""
    return next((one for one in CNI_DIRECTORIES if (one / "bridge").exists() and (one / "host-local").exists()), None)


def missing() -> list[str]:
    """Debian packages that are needed and not there, sorted."""
    packages = {package for program, package in PROGRAMS.items() if not shutil.which(program)}
    if cni_directory() is None:
        packages.add("containernetworking-plugins")
    return sorted(packages)


def ensure(report: Callable[[str], None]) -> None:
    """Install what is missing, without starting any service of the machine."""
    packages = missing()
    if not packages:
        return
    command = ("apt-get", "install", "--yes", "--no-install-recommends", *packages)
    if not shutil.which("apt-get"):
        msg = (
            f"programs of these Debian packages are missing: {', '.join(packages)}. Install them with this system's "
            "package manager, or set CUTOVER_SANDBOX_NODE=kwok for a node that runs no pods."
        )
        raise SandboxError(msg)
    report(f"installing Debian packages: {', '.join(packages)}")
    with _no_service_starts():
        done = _apt(command)
        if done.returncode != 0:  # usually package lists that are absent or old
            _apt(("apt-get", "update"))
            done = _apt(command)
    if done.returncode != 0:
        msg = f"`{' '.join(command)}` failed: {done.stderr.strip()[-2000:]}"
        raise SandboxError(msg)


def _apt(command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Debian asks this file before a package starts its service. One that is there already is the administrator's."""
    if START_POLICY.exists():
        yield
        return
    START_POLICY.write_text("#!/bin/sh\nexit 101\n")
    START_POLICY.chmod(0o755)
    try:
        yield
    finally:
        START_POLICY.unlink()
