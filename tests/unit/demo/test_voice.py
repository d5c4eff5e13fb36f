"""What is said is shown as it is, and a failure ends with its code and its reason on stderr."""

import pytest
import typer

from demo.voice import Voice, fail


def test_a_line_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    line = "[red]no markup[/red] :smile: " + "wide " * 40
    Voice(width=80).say(line)
    assert capsys.readouterr().out == f"{line}\n"


def test_a_failure_says_why_and_ends_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        fail("no cluster", 2)
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "error: no cluster\n"
