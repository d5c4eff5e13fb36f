"""Editing YAML in place: the value is always right, and what did not change stays as it was written."""

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.backend import yaml_file
from sandbox.engine.cli.yaml_edit import edit

TEXT = """\
# the shop
encryptionsalt: v1:abc
config:
  # where it runs
  shop:namespace: shop   # one namespace
  shop:services:
    storefront: {strategy: blue-green, active: blue, replicas: 3}  # two colors

    # not for people
    worker:
      strategy: "rolling"
      replicas: 4 # four
      hosts:
        - a.example
        - b.example # second
# the end
"""

SCALARS = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8)
SCALARS |= st.sampled_from(
    [
        "yes",
        "no",
        "22:30",
        "2026-01-01",
        "1.10",
        "0x1F",
        "007",
        "null",
        "~",
        "1e3",
        "a: b",
        "- x",
        "\x85",
        "\u2028x",
        "\ufeff",
    ]
)
KEYS = st.text("abcxyz:.-_ #'\"", min_size=1, max_size=5)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
MAPS = st.dictionaries(KEYS, VALUES, max_size=4)


def changed(change: Any) -> tuple[Any, str]:
    value = copy.deepcopy(yaml_file.parse(TEXT))
    change(value["config"])
    return value, edit(TEXT, value)


def test_a_scalar_in_a_flow_map_is_the_only_change() -> None:
    _, text = changed(lambda config: config["shop:services"]["storefront"].update(active="green"))
    assert text == TEXT.replace("active: blue", "active: green")


def test_a_scalar_in_a_block_keeps_its_comment() -> None:
    _, text = changed(lambda config: config["shop:services"]["worker"].update(replicas=5))
    assert text == TEXT.replace("replicas: 4 # four", "replicas: 5 # four")


def test_a_new_key_comes_last_and_a_removed_one_goes_alone() -> None:
    def change(config: Any) -> None:
        config["shop:host"] = {"secure": "v1:x:y"}
        del config["shop:services"]["worker"]["strategy"]

    _, text = changed(change)
    expected = TEXT.replace('      strategy: "rolling"\n', "")
    assert text == expected.replace("# the end", "  shop:host:\n    secure: v1:x:y\n# the end")


def test_list_items_change_in_place() -> None:
    _, text = changed(lambda config: config["shop:services"]["worker"]["hosts"].__setitem__(1, "c.example"))
    assert text == TEXT.replace("b.example # second", "c.example # second")


@pytest.mark.parametrize("kind", [[], {}, "text", ["a", {"b": 1}], {"a": {"b": [1]}}])
def test_a_whole_value_can_be_replaced(kind: Any) -> None:
    value, text = changed(lambda config: config.update({"shop:services": kind}))
    assert yaml_file.parse(text) == value
    assert "# where it runs" in text
    assert "# the end" in text


@given(MAPS, MAPS)
def test_any_document_becomes_any_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    for style in (False, None, True):
        text = yaml.safe_dump(old, default_flow_style=style, allow_unicode=True)
        assert yaml_file.parse(edit(text, new)) == new


@given(MAPS)
def test_nothing_changes_when_nothing_is_to_change(value: dict[str, Any]) -> None:
    text = "# comment\n" + yaml.safe_dump(value, allow_unicode=True)
    if yaml_file.parse(text) == value:
        assert edit(text, value) == text


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "config:\n", "config: {}\n", "config: ~", "{}\n", "---\nconfig:"]
)
def test_documents_with_little_in_them(text: str) -> None:
    new = {"config": {"shop:a": "true", "shop:b": "two\nlines"}}
    edited = edit(text, new)
    assert yaml_file.parse(edited) == new
    assert ("# only a comment" in edited) == ("#" in text)


def test_yaml_is_read_as_version_1_2() -> None:
    text = "a: yes\nb: 22:30\nc: 2026-01-01\nd: 1.10\ne: 0o17\nf: true\ng: -3\nh: 1e3\ni: ~\nj: 0x1F\nk: 017\nl: '1'\n"
    value = yaml_file.parse(text)
    assert value == {
        "a": "yes",
        "b": "22:30",
        "c": "2026-01-01",
        "d": 1.1,
        "e": 15,
        "f": True,
        "g": -3,
        "h": 1000.0,
        "i": None,
        "j": 31,
        "k": 15,
        "l": "1",
    }
