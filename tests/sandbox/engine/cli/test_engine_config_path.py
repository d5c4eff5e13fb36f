"""Paths into configuration values: the Pulumi CLI's rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.backend.errors import EngineError
from sandbox.engine.cli.config_path import coerce, get, parse_key, parse_path, put, remove

NAMES = st.text(min_size=1, max_size=8)
PATHS = st.tuples(NAMES, st.lists(NAMES | st.integers(0, 0), max_size=4)).map(lambda pair: [pair[0], *pair[1]])


def written(path: list[str | int]) -> str:
    def segment(part: str | int) -> str:
        if isinstance(part, int):
            return f"[{part}]"
        return '["' + part.replace('"', '\\"') + '"]'

    return "".join(map(segment, path))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("root", ["root"]),
        ("services.storefront.active", ["services", "storefront", "active"]),
        ("a[0].b", ["a", 0, "b"]),
        ('root["double"].nest', ["root", "double", "nest"]),
        ('["root key with a ."][100]', ["root key with a .", 100]),
        ('a["with \\"quotes\\""]', ["a", 'with "quotes"']),
        ("foo-bar[*]", ["foo-bar", "*"]),
    ],
)
def test_paths_are_read(text: str, path: list[str | int]) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["", ".a", "a.", "a.[0]", "a[", "a[x]", 'a["b', 'a["b"', "[0]", '[""]'])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(EngineError, match="invalid config key path"):
        parse_path(text)


@given(PATHS.filter(lambda path: not any(isinstance(part, str) and "\\" in part for part in path)))
def test_any_path_survives_being_written_and_read(path: list[str | int]) -> None:
    assert parse_path(written(path)) == path


@given(PATHS, st.integers() | st.text(min_size=1))
def test_what_is_put_is_found_and_then_removed(path: list[str | int], value: Any) -> None:
    if path[-1] == "secure":
        path = [*path, "inside"]
    whole = put({}, path, value)
    assert get(whole, path) == (True, value)
    remove(whole, path)
    assert get(whole, path) == (False, None)


def test_putting_keeps_the_neighbors() -> None:
    value = {"web": {"replicas": 2, "ports": [80]}}
    put(value, ["web", "ports", 1], 443)
    put(value, ["web", "active"], "green")
    assert value == {"web": {"replicas": 2, "ports": [80, 443], "active": "green"}}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (["list", "name"], "key for an array must be an int"),
        (["list", 5], "array index 5 out of range, the list has 1 items"),
        (["map", 0], "key for a map must be a string"),
        (["map", "text", "deeper"], "expects a map"),
        (["empty", "secure"], "are reserved"),
    ],
)
def test_putting_into_the_wrong_kind_of_value_is_refused(path: list[str | int], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        put({"list": [1], "map": {"text": "x"}, "empty": {}}, path, "new")


def test_removing_never_leaves_what_reads_as_a_secret() -> None:
    with pytest.raises(EngineError, match="reserved"):
        remove({"a": {"secure": "x", "other": 1}}, ["a", "other"])


LIKENESSES: list[tuple[str, Any]] = [
    *[("true", True), ("false", False), ("True", "True"), ("3", 3), ("-4", -4), ("0", 0), ("007", "007")],
    *[("1.5", "1.5"), ("", ""), ("٣", "٣"), ("18446744073709551615", 2**64 - 1)],
    ("18446744073709551616", "18446744073709551616"),
]


@pytest.mark.parametrize(("text", "value"), LIKENESSES)
def test_values_become_what_they_look_like(text: str, value: Any) -> None:
    found = coerce(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "path", "key"),
    [
        ("a", False, ("shop", "a")),
        ("k8s:context", False, ("k8s", "context")),
        ("k8s:config:context", False, ("k8s", "context")),
        ("shop:services.a:b.c", True, ("shop", "services.a:b.c")),
        ('names["a:b"]', True, ("shop", 'names["a:b"]')),
    ],
)
def test_keys_have_the_project_as_namespace_by_default(text: str, path: bool, key: tuple[str, str]) -> None:
    assert parse_key(text, "shop", path=path) == key


def test_a_key_with_too_many_colons_is_refused() -> None:
    with pytest.raises(EngineError, match="could not parse a:b:c as a configuration key"):
        parse_key("a:b:c", "shop")
