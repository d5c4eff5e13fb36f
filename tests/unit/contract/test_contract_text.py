"""Foreign text cannot move a cursor, add a line or give a CI system a command."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from contract.text import harmless, one_line, printable, quoted, yaml_fault


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [bold]text[/bold] — ü", "plain [bold]text[/bold] — ü"),
        ("red \x1b[31mfatal\x1b[0m", "red fatal"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07on", "on"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\n✔ storefront: switched\r\nb\tc\x0bd\u2028e\x85f", "a ✔ storefront: switched b c d e f"),
        ("abc\u202egpj.exe\u200b", "abc�gpj.exe�"),
        ("nul \x00 del \x7f lone \ud800", "nul � del � lone �"),
        ("\n::set-output name=x::y", ": :set-output name=x::y"),
        ("so: ##vso[task.setvariable variable=x]y ##[error]z", "so: # #vso[task.setvariable variable=x]y # #[error]z"),
        ("##teamcity[buildStatus]", "# #teamcity[buildStatus]"),
        ("<{%fg 1%}>red", "< {%fg 1%}>red"),
        ("12345", "12345"),
        (12345, "12345"),
    ],
)
def test_one_line(text: object, shown: str) -> None:
    assert one_line(text) == shown


def test_a_long_text_is_cut() -> None:
    assert one_line("x" * 20, length=5) == "xxxxx …"


def test_lines_of_ours_stay() -> None:
    assert printable("a\n    why: \x1b[1mb\n\t::error::c") == "a\n    why: b\n    : :error::c"


def test_data_keeps_its_shape() -> None:
    found = {"a": ["x\ny", 1, None], "b\x1b[0m": {"c": True}}
    assert harmless(found) == {"a": ["x y", 1, None], "b": {"c": True}}


@given(st.text(st.sampled_from("#[:<{%\x1b x\n\t☃"), max_size=40))
def test_what_is_made_harmless_is_never_cut(text: str) -> None:
    assert "…" not in harmless(text)
    assert harmless(harmless(text)) == harmless(text)


def test_what_is_harmless_stays_as_it_is() -> None:
    assert harmless("two  spaces" * 200) == "two  spaces" * 200


@given(st.text(), st.integers(1, 400))
def test_any_text_becomes_one_printable_line(text: str, length: int) -> None:
    line = one_line(text, length)
    assert line.isprintable()
    assert len(line) <= length + 2
    assert not line.startswith("::")
    assert "##[" not in line
    assert "<{%" not in line
    assert one_line(line, length + 2) == line


@given(st.text())
def test_any_text_becomes_printable_lines(text: str) -> None:
    assert all(line.isprintable() and not line.lstrip().startswith("::") for line in printable(text).split("\n"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\nb", "'a\\nb'"),
        (True, "true"),
        ("x" * 100, "'" + "x" * 79 + " …"),
        ("PASSWORD=hunter2", "'PASSWORD=…'"),
        ({"password": "hunter2"}, "{'password': …}"),
    ],
)
def test_quoted(value: object, shown: str) -> None:
    assert quoted(value) == shown


def test_a_number_that_python_does_not_write() -> None:
    assert quoted(10**9000) == "a number of 29898 bits"


@pytest.mark.parametrize("text", ["token: 'hunter2\nb: [", "a: \thunter2", "a: *hunter2", 'a: "\\hunter2"'])
def test_a_fault_of_yaml_is_named_without_the_line(text: str) -> None:
    with pytest.raises(yaml.YAMLError) as caught:
        yaml.safe_load(text)
    assert "hunter2" not in yaml_fault(caught.value)
    assert "line " in yaml_fault(caught.value)
