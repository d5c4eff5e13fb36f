"""Programs built from pinned Go modules, once per machine."""

from sandbox.golang.module import (
    Module,
    Program,
    Report,
    architecture,
    copy_atomically,
    locked,
    required_version,
    write_atomically,
)

__all__ = [
    "Module",
    "Program",
    "Report",
    "architecture",
    "copy_atomically",
    "locked",
    "required_version",
    "write_atomically",
]
