"""A stack whose CLI is a script of the test."""

from pathlib import Path

import pytest

from cutover.engine.stack import Stack


def stack_with_cli(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """The stack `test` of a project in that folder, where the script runs."""
    command = folder / "bin" / "pulumi"
    command.parent.mkdir()
    command.write_text(script)
    command.chmod(0o755)
    (folder / "Pulumi.yaml").write_text("name: cutover\nruntime: python\n")
    monkeypatch.setenv("CUTOVER_PULUMI", str(command))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return Stack(folder, "test")
