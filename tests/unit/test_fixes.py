"""Every command that is printed as a fix is known, can be typed as it stands, and is run by a test."""

import ast
import re
from pathlib import Path

import typer

from cutover.command_line import VERBS, app
from tests.fixes import FIXES, NOT_RUN

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("components", "contract", "cutover", "kubeaccess")
_COMMAND = re.compile(r"`((?:cutover|pulumi|kubectl|git) [^`]+)`")


def printed(source: str) -> set[str]:
    """The commands in the texts of a module, `{}` for what is put in; docstrings are not printed."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    texts = (_text(node) for node in ast.walk(tree) if id(node) not in silent)
    return {command for text in texts for command in _COMMAND.findall(text)}


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def everything() -> set[str]:
    files = (file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
    return {command for file in files for command in printed(file.read_text())}


def test_each_command_that_is_printed_has_a_test_that_runs_it() -> None:
    assert everything() - FIXES.keys() - NOT_RUN.keys() == set()
    assert (FIXES.keys() | NOT_RUN.keys()) - everything() == set()
    assert FIXES.keys() & NOT_RUN.keys() == set()


def test_the_tests_that_are_named_are_there() -> None:
    for place in set(FIXES.values()):
        path, _, name = place.partition("::")
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), place


def test_each_verb_and_option_of_the_driver_that_is_printed_exists() -> None:
    group = typer.main.get_command(app)
    for command in everything():
        if command.startswith("cutover "):
            verb, *words = command.split()[1:]
            assert verb in VERBS, command
            found = group.get_command(typer.Context(group), verb)  # type: ignore[attr-defined]
            known = {option for one in found.params for option in (*one.opts, *one.secondary_opts)}
            assert {word for word in words if word.startswith("--")} <= known, command


def test_a_command_is_found_in_every_kind_of_text() -> None:
    source = 'x = f"`cutover up --stack {a}` or " "`git diff`"\n"`cutover no`"\ndef f():\n    """`cutover doc`."""\n'
    assert printed(source) == {"cutover up --stack {}", "git diff"}
