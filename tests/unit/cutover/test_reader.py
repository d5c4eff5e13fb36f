"""The reader of the engine's files has the engine's rules: each word is asked of the real CLI, too."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cutover.stackfile.reader import YamlError, compose, decoded, encoded, read
from sandbox.pulumi import Engine

ZERO, LARGE = "2001-01-01 00:00:00 +0000 UTC", 2**63 - 1
WORDS: dict[str, Any] = {
    # text for the engine, something else for YAML 1.1
    "22:30": "22:30", "190:20:30": "190:20:30", "1:30": "1:30", "NO": "NO", "no": "no", "yes": "yes", "on": "on",
    "Off": "Off", "y": "y", "n": "n", "=": "=", "<<": "<<",
    # truth and nothing
    "true": True, "True": True, "TRUE": True, "tRue": "tRue", "False": False, "~": None, "": None, "null": None,
    "Null": None, "NULL": None, "nULL": "nULL",
    # whole numbers
    "1": 1, "+1": 1, "-1": -1, "-0": 0, "007": 7, "010": 8, "0777": 511, "0o10": 8, "-0o10": -8, "0o8": "0o8",
    "0x1f": 31, "0X1F": 31, "-0x1f": -31, "0b11": 3, "0B11": 3, "0b2": "0b2", "1_000": 1000, "1__0": 10, "1_": 1,
    "_1": "_1", "0x1_0": 16, "0x_1": 1, "0x": "0x", "08": 8.0, str(LARGE): LARGE, str(-LARGE - 1): -LARGE - 1,
    str(2**64 - 1): 2**64 - 1, str(2**64): 2.0**64, "9" * 30: 1e30,
    # numbers with a point
    "1.5": 1.5, "1.10": 1.1, "2024.10": 2024.1, ".5": 0.5, "5.": 5.0, "-.5": -0.5, "+.5": 0.5, "1e3": 1000.0,
    "1E3": 1000.0, "1.e3": 1000.0, "+12e03": 12000.0, "12e-2": 0.12, "1_0.5": 10.5, "0.1e1_0": 1e9, "1e-400": 0.0,
    "1e400": "1e400", "-1e400": "-1e400", "1e": "1e", "e1": "e1", ".e1": ".e1", "+.e1": "+.e1", "1.5.0": "1.5.0",
    "0x1.8p1": "0x1.8p1", "inf": "inf", "nan": "nan",
    # dates, as Go prints them
    "2001-01-01": ZERO, "2001-1-1": ZERO, "2001-02-30": "2001-02-30",
    "2001-01-01 1:2:3.450": "2001-01-01 01:02:03.45 +0000 UTC",
    "2001-12-14t21:59:43.10-05:00": "2001-12-14 21:59:43.1 -0500 -0500", "2001-01-01T00:00:00Z": ZERO,
    "2001-12-14 21:59:43.10 -5": "2001-12-14 21:59:43.10 -5", "2001-01-01T00:00:00": "2001-01-01T00:00:00",
    # with a tag, or in quotes
    "!!str 1": "1", "!!int '1'": 1, "!!float 1": 1.0, "!!float 0x10": 16.0, "!!bool 'true'": True, "!foo bar": "bar",
    "!foo 1": "1", "!!binary aGk=": "hi", "!!null ''": None, "'1'": "1", '"\\u00e9"': "é", '"a\\0b"': "a\0b",
}  # fmt: skip
REFUSED = [
    ".inf", "-.inf", "+.Inf", ".NAN", "!!null x", "!!int 1.0", "!!bool yes", '"\\ud800"', "*x", "[", "@a", "%a",
    "{a: 1, a: 2}", "{1: a, '1': b}", "{[a]: b}", "{{a: b}: c}", "&x [*x]", "[" * 20000,
]  # fmt: skip
MAPPINGS: dict[str, Any] = {
    "{1: '12345678'}": {"1": "12345678"}, "[{1: a}]": [{"1": "a"}], "{on: a}": {"on": "a"}, "{True: a}": {"true": "a"},
    "{~: a}": {"<nil>": "a"}, "{1.0: a}": {"1": "a"}, "{1.50: a}": {"1.5": "a"}, "{007: a}": {"7": "a"},
    "{a: }": {"a": None}, "{a:1}": {"a:1": None}, "{<<: {a: 1, b: 1}, b: 2}": {"a": 1, "b": 2},
    "{'<<': {a: 1}}": {"a": 1}, "{a: &x {b: 1}, c: *x}": {"a": {"b": 1}, "c": {"b": 1}},
}  # fmt: skip


def in_file(word: str) -> str:
    return f"config:\n  cutover:word: [{word}, 1]\n" if word else "config:\n  cutover:word:\n  -\n  - 1\n"


@pytest.mark.parametrize("word", [*WORDS, *MAPPINGS])
def test_each_word(word: str) -> None:
    (found, _) = read(in_file(word))["config"]["cutover:word"]
    wanted = (WORDS | MAPPINGS)[word]
    assert json.dumps(found) == json.dumps(wanted)


@pytest.mark.parametrize("word", REFUSED, ids=lambda word: word[:20])
def test_each_refusal_quotes_nothing(word: str) -> None:
    with pytest.raises(YamlError) as refused:
        read(in_file(word))
    assert "hunter2" not in str(refused.value)
    assert str(refused.value).isprintable()


def test_the_engine_says_the_same(engine: Engine, tmp_path: Path) -> None:
    """All good words in one file; each bad one alone."""
    (tmp_path / "Pulumi.yaml").write_text("name: cutover\nruntime: python\n")
    (tmp_path / "state").mkdir()
    own = {"PULUMI_BACKEND_URL": f"file://{tmp_path}/state", "PULUMI_CONFIG_PASSPHRASE": "x"}
    environment = {**os.environ, **engine.environment(tmp_path / "home"), **own}

    def said(text: str) -> "subprocess.CompletedProcess[str]":
        (tmp_path / "Pulumi.test.yaml").write_text(text)
        words = [str(engine.command), "config", "--json", "--stack", "test", "--non-interactive"]
        return subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)

    init = [str(engine.command), "stack", "init", "test", "--non-interactive"]
    subprocess.run(init, cwd=tmp_path, env=environment, check=True, capture_output=True)
    good = WORDS | MAPPINGS
    lines = [line for number, word in enumerate(good) for line in _entry(number, word)]
    answer = said("config:\n" + "\n".join(lines) + "\n")
    assert answer.returncode == 0, answer.stderr
    config = json.loads(answer.stdout)
    for number, (word, wanted) in enumerate(good.items()):
        found = config[f"cutover:w{number}"]["objectValue"][0]
        assert type(found) is type(wanted) or {type(found), type(wanted)} == {int, float}, word
        assert found == wanted or (isinstance(found, int | float) and float(found) == float(wanted)), (word, found)
    for word in REFUSED:
        assert said(in_file(word)).returncode != 0, word[:20]


def _entry(number: int, word: str) -> list[str]:
    return [f"  cutover:w{number}:", f"  - {word.replace('&x', f'&x{number}').replace('*x', f'*x{number}')}".rstrip()]


def test_a_number_is_shown_as_it_is_written() -> None:
    found = read("a: 2024.10\nb: 007\nc: 7\n")
    assert {key: str(value) for key, value in found.items()} == {"a": "2024.10", "b": "7", "c": "7"}
    assert found["b"].written == "007"
    assert json.dumps(found) == '{"a": 2024.1, "b": 7, "c": 7}'


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_encodings(codec: str) -> None:
    content = encoded("a: é\n", codec)
    assert read(content) == {"a": "é"}
    assert decoded(content) == ("a: é\n", codec)
    assert encoded(*decoded(content)) == content


def test_what_is_no_text() -> None:
    for content in (b"a: \xe9", b"\xff\xfea", b"\xff\xfe\0\xd8", b"a: \0", "a: \ud800"):
        with pytest.raises(YamlError):
            read(content)


def test_aliases_that_stand_for_more_than_memory_holds() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(YamlError, match="aliases stand for more than"):
        read("\n".join(lines))


def test_places_count_characters_and_an_alias_has_its_own() -> None:
    text = "é: &x {b: 1}\nc: *x\n"
    tree = compose(text)
    assert isinstance(tree.root, yaml.MappingNode)
    (_, one), (_, other) = tree.root.value
    assert text[one.start_mark.index : one.end_mark.index] == "&x {b: 1}"
    assert text[other.start_mark.index : other.end_mark.index] == "*x"
    assert (tree.is_shared(one), tree.is_shared(other), tree.is_shared(tree.root)) == (True, True, False)
