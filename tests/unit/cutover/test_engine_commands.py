"""Which commands of the CLI a run takes: no more than it needs, and none that reads secrets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cutover.engine.stack import Stack

CLI = """\
#!/bin/sh
case "$*" in
version) echo v3.274.1;;
*) echo "$*" >> asked;;
esac
"""


@pytest.mark.parametrize(
    ("run", "verb"),
    [
        (lambda stack: stack.up("why"), "up"),
        (lambda stack: stack.refresh("why"), "refresh"),
        (lambda stack: stack.destroy("why"), "destroy"),
    ],
)
def test_a_run_is_one_command(
    run: Callable[[Stack], object], verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "bin" / "pulumi"
    command.parent.mkdir()
    command.write_text(CLI)
    command.chmod(0o755)
    (tmp_path / "Pulumi.yaml").write_text("name: cutover\nruntime: python\n")
    monkeypatch.setenv("CUTOVER_PULUMI", str(command))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    run(Stack(tmp_path, "test"))
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 1
    assert asked[0].startswith(f"--non-interactive {verb} ")
    assert "--message why" in asked[0]
    assert "--show-secrets" not in asked[0]
