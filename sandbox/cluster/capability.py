"""The kind of node that this machine can have: real pods under containerd, or `kwok`, which only says that they run."""

import os
import shutil
import subprocess
from pathlib import Path

from sandbox.cluster import cgroups, node
from sandbox.cluster.node import NodeKind
from sandbox.errors import SandboxError

VARIABLE = "CUTOVER_SANDBOX_NODE"
NAMESPACES = ("--net", "--mount", "--pid", "--uts", "--ipc", "--fork")


def node_kind(needed_paths: tuple[Path, ...]) -> tuple[NodeKind, str]:
    """The kind of node to start, and why if it is not the real one. `needed_paths` must stay visible to the node."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", "containerd", "kwok"):
        msg = f"{VARIABLE}={wanted!r} is no kind of node: set it to containerd or kwok, or unset it to take what works."
        raise SandboxError(msg)
    if wanted == "kwok":
        return "kwok", f"{VARIABLE} asks for it"
    reason = _obstacle(needed_paths)
    if reason is None:
        return "containerd", ""
    if wanted == "containerd":
        msg = f"{VARIABLE}=containerd, but pods cannot run: {reason}. Unset it to use kwok, whose pods answer nothing."
        raise SandboxError(msg)
    return "kwok", reason


def _obstacle(needed_paths: tuple[Path, ...]) -> str | None:
    if os.geteuid() != 0:
        return "only root can make the namespaces that pods need"
    if shutil.which("unshare") is None:
        return "the program unshare (Debian package util-linux) is missing"
    tried = subprocess.run(("unshare", *NAMESPACES, "true"), check=False, capture_output=True, text=True)
    if tried.returncode != 0:
        return f"namespaces cannot be made: {tried.stderr.strip()}"
    for path in needed_paths:
        for hidden in node.HIDDEN_DIRECTORIES:
            if path.resolve().is_relative_to(hidden):
                return (
                    f"{path} lies in {hidden}, which the node replaces with a directory of its own: move it elsewhere"
                )
    return cgroups.problem()
