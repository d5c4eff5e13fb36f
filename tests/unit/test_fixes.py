"""Every command that is printed as a fix is known at each place, can be typed as it stands, and is run by a test."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import typer

from cutover.command_line import VERBS, app
from cutover.output.commands import NO_STACK
from tests.fixes import NOT_RUN, RUN, Place, Situation

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("components", "contract", "cutover", "kubeaccess")
_COMMAND = re.compile(r"`((?:cutover|pulumi|kubectl|git) [^`]+)`")


def printed(source: str, file: str) -> set[Place]:
    """The commands in the texts of a module, `{}` for what is put in; docstrings are not printed."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    return {
        Place(file, function or "(module)", command)
        for function, node in _nodes(tree, ())
        if id(node) not in silent
        for command in _COMMAND.findall(_text(node))
    }


def _nodes(node: ast.AST, within: tuple[str, ...]) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        yield ".".join(within), child
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from _nodes(child, (*within, child.name) if named else within)  # type: ignore[attr-defined]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def everything() -> set[Place]:
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    return {place for file in files for place in printed(file.read_text(), str(file.relative_to(ROOT)))}


def test_each_place_that_prints_a_command_has_a_test_that_runs_it_in_that_situation() -> None:
    listed = Counter(place for one in (*RUN, *NOT_RUN) for place in one.places)
    assert everything() - listed.keys() == set()
    assert listed.keys() - everything() == set()
    assert [place for place, times in listed.items() if times > 1] == []


def test_the_tests_that_are_named_are_there() -> None:
    assert all(one.tests for one in RUN)
    assert not any(one.tests for one in NOT_RUN)
    for named in {test for one in RUN for test in one.tests}:
        path, _, name = named.partition("::")
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), named


def test_each_verb_and_option_of_the_driver_that_is_printed_exists() -> None:
    group = typer.main.get_command(app)
    for command in {place.command for place in everything()}:
        if command.startswith("cutover "):
            verb, *words = command.split()[1:]
            assert verb in VERBS, command
            found = group.get_command(typer.Context(group), verb)  # type: ignore[attr-defined]
            known = {option for one in found.params for option in (*one.opts, *one.secondary_opts)}
            assert {word for word in words if word.startswith("--")} <= known, command
            assert ("--stack" in known) != command.startswith(NO_STACK), command


def test_a_kubectl_of_what_is_in_a_namespace_names_it_where_that_is_known() -> None:
    unknown = {"components/settings/adopt_rules.py", "components/settings/validators.py"}  # NAME: the reader's
    unknown |= {"components/settings/service_rules.py", "cutover/adopt/findings.py:_worth_knowing"}
    for place in everything():
        if place.command.startswith("kubectl") and not place.command.startswith(
            ("kubectl create", "kubectl get --raw")
        ):
            known = place.file not in unknown and f"{place.file}:{place.function}" not in unknown
            assert (" -n " in place.command) == known, place


def test_a_command_is_found_in_every_kind_of_text() -> None:
    source = (
        'x = f"`cutover up --stack {a}` or " "`git diff`"\n"`cutover no`"\n'
        'class A:\n  async def f(self):\n    """`cutover doc`."""\n    return "`pulumi up`"\n'
    )
    found = {("(module)", "cutover up --stack {}"), ("(module)", "git diff"), ("A.f", "pulumi up")}
    assert printed(source, "x.py") == {Place("x.py", *one) for one in found}


def test_a_situation_lists_its_places() -> None:
    one = Situation("", (), "\n    a.py\n      f: b c: d\n      (module): e\n    b.py\n      g: h\n    ")
    assert one.places == [Place("a.py", "f", "b c: d"), Place("a.py", "(module)", "e"), Place("b.py", "g", "h")]
