"""Which commands of the CLI a run takes: no more than it needs, and none that reads secrets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cutover.engine.stack import Stack
from tests.unit.cutover.cli import stack_with_cli

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
    run(stack_with_cli(tmp_path, CLI, monkeypatch))
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 1
    assert asked[0].startswith(f"--non-interactive {verb} ")
    assert "--message why" in asked[0]
    assert "--show-secrets" not in asked[0]
