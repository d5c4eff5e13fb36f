"""`rollback --now` is read without typer, as typer reads it; what is not plain is left to typer."""

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover import quick
from cutover.command_line import app
from cutover.operations.command import perform
from cutover.operations.rollback import at_once
from cutover.options import Options

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {
    "typer",
    "rich",
    "httpx2",
    "asyncio",
    "pydantic",
    "pulumi",
    "grpc",
    "lightkube",
    "subprocess",
    "logging.config",
}
WORDS = ["--now", "--all", "--yes", "-y", "--json", "--commit", "--stack", "-s", "--cwd", "-C", "--message", "-m"]
OTHERS = ["--to", "--notify", "--help", "--stack=dev", "-yC", "--", "-", "--nope", "3"]
words = st.lists(st.sampled_from([*WORDS, "shop", "dev", "folder", ""]) | st.sampled_from(OTHERS), max_size=8)

Asked = tuple[str, Options, list[str], bool]


def asked_by(command: Callable[[], object]) -> Asked | None:
    """What a command line asks for; None where it is none, or another."""
    found: list[Any] = []
    with (
        patch.object(perform, "perform", lambda verb, options, body: found.append((verb, options, body))),
        patch.object(at_once, "at_once", lambda _, names, everyone: (names, everyone)),
    ):
        with contextlib.suppress(SystemExit):
            command()
        if not found:
            return None
        ((verb, options, body),) = found
        try:
            names, everyone = body(None)
        except AttributeError:  # a rollback without --now looks at the job
            return None
    return verb, options, names, everyone


@given(words)
def test_what_is_read_at_once_is_what_typer_reads(given: list[str]) -> None:
    line = ["rollback", "--now", *given]
    command = quick.rollback_now(line)
    if command is None:
        assert any(word.startswith("-") for word in given), "names alone are read at once"
        return
    assert asked_by(command) == asked_by(lambda: app(line)) is not None


@pytest.mark.parametrize(
    "line", [["rollback"], ["rollback", "shop"], ["promote", "--now"], ["rollback", "-m", "--now"], [], ["--now"]]
)
def test_another_command_is_not_read_here(line: list[str]) -> None:
    assert quick.rollback_now(line) is None


def test_all_that_can_be_said_is_heard() -> None:
    told = ["--stack", "dev", "-C", "folder", "-m", "words"]
    line = ["rollback", "shop", "cart", "--now", "--all", "-y", "--json", "--commit", *told]
    command = quick.rollback_now(line)
    assert command is not None
    options = Options(changes=True, stack="dev", cwd=Path("folder"), json=True, yes=True, commit=True, message="words")
    assert asked_by(command) == ("rollback", options, ["shop", "cart"], True)


MOVED = """
import sys
from cutover.app import main
from cutover.observe.connection import Api
def asked(self, method, path, **_):
    sys.stderr.write("LOADED " + " ".join(sys.modules))
    raise SystemExit(0)
Api.json = asked
main(["rollback", "shop", "--now", "--yes", "--stack", "test"])
"""
STACK = """\
config:
  cutover:namespace: shop
  cutover:services:
    shop: {strategy: blue-green, active: blue, port: 80, blue: {version: 1.0.0, build: 1, image: "a:1"}}
"""
KUBECONFIG = """\
clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: c, user: {token: t}}]
contexts: [{name: c, context: {cluster: c, user: c}}]
current-context: c
"""


def test_nothing_heavy_is_loaded_until_the_traffic_is_moved(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: cutover\nruntime: python\n")
    (tmp_path / "Pulumi.test.yaml").write_text(STACK)
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    environment = {"PYTHONPATH": str(ROOT), "KUBECONFIG": str(tmp_path / "kubeconfig"), "HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", MOVED], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert "LOADED " in ended.stderr, ended.stderr
    loaded = set(ended.stderr.partition("LOADED ")[2].split())
    assert "cutover.operations.traffic.switch" in loaded
    assert HEAVY.isdisjoint(loaded), HEAVY & loaded
